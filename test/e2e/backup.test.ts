import { spawn } from "node:child_process";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import { insideArgv, insideEnv, runInside } from "../sandbox/index.ts";
import { answersFile } from "./support/answers.ts";
import { PlatformDatabase } from "./support/database.ts";
import { stateOfAction } from "./support/journal.ts";
import { fitsSchema } from "./support/schemas.ts";
import { cli, howItEnded, kubectl, migratectl } from "./support/site.ts";

const site = inject("site");
const namespace = "backup";
const release = "migrate-platform";
let answers = "";

interface Windows {
  readonly timeline: number;
  readonly windows: readonly {
    readonly timeline: number;
    readonly from: { readonly at: string };
    readonly to: { readonly at: string };
    readonly living: boolean;
  }[];
  readonly holes: readonly unknown[];
  readonly sets: readonly { readonly label: string; readonly type: string }[];
}

/** Actions of a restore in which it is killed (-9): the recovery itself, or with MIGRATECTL_RESTORE_KILLS=all every one that changes something. */
const everyAction = [
  "quiesce",
  "state-before",
  "redis-before",
  "stop-database",
  "recover",
  "promote",
  "start-database",
  "redis",
  "back-in-service",
  "goes-on",
  "rollout",
  "smoke",
  "backup",
];
const struck = process.env["MIGRATECTL_RESTORE_KILLS"] === "all" ? everyAction : ["recover"];
/** Actions during which people see the maintenance page. */
const behindThePage: ReadonlySet<string> = new Set([
  ...["state-before", "redis-before", "stop-database", "recover"],
  ...["promote", "start-database", "redis"],
]);

const run = (...args: readonly string[]) => migratectl(site, [...args, "--answers", answers]);
const database = new PlatformDatabase(site, namespace);
const sql = (statement: string) => database.sql(statement);
/** A command of Redis in the release's only pod of it. */
const redis = async (...command: readonly string[]): Promise<string> => {
  const argv = ["sh", "-c", '. /usr/local/lib/redis/redis-lib.sh; cli "$@"', "cli", ...command];
  return (await kubectl(site, "-n", namespace, "exec", "redis-0", "-c", "redis", "--", ...argv)).trim();
};
const rows = () => sql("select string_agg(id::text, ' ' order by id) from public.marker");
/** Begins a command and kills it (-9) while the journal says that the action runs. */
const killedAt = async (action: string, command: readonly string[]): Promise<void> => {
  const [file, ...args] = insideArgv(site.sandbox, [process.execPath, cli, ...command, "--answers", answers]);
  const env = { ...insideEnv(site.sandbox), XDG_STATE_HOME: join(site.scratch, "state") };
  const child = spawn(file, args, { env, stdio: ["ignore", "pipe", "pipe"] });
  const said: Buffer[] = [];
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (chunk: Buffer) => said.push(chunk));
  const ended = new Promise<void>((resolve) => child.once("close", () => resolve()));
  try {
    await expect
      .poll(() => (child.exitCode === null ? stateOfAction(database, action) : `it ended: ${Buffer.concat(said)}`), {
        timeout: 120_000,
        interval: 100,
      })
      .toBe("running");
  } finally {
    child.kill("SIGKILL");
    await ended;
  }
};
const list = async (): Promise<Windows> => {
  const ended = await run("backup", "list", "--json");
  expect(ended.code, howItEnded(ended)).toBe(0);
  fitsSchema("backup-list", ended.stdout);
  return JSON.parse(ended.stdout) as Windows;
};

beforeAll(async () => {
  answers = await answersFile(site, "backup", { release: { namespace } });
  const ended = await run("install", "--airgap", "--bundle", site.bundle, "--yes");
  expect(ended.code, howItEnded(ended)).toBe(0);
  await sql("create table public.marker (id int primary key, at timestamptz not null default clock_timestamp())");
  await sql("insert into public.marker (id) values (1)");
}, 600_000);

afterAll(async () => {
  const gone = await run("uninstall", "--delete-data", "--confirm", release, "--yes");
  expect(gone.code, howItEnded(gone)).toBe(0);
  await kubectl(site, "delete", "namespace", namespace, "--wait=false");
});

describe("the backups of an installed platform", () => {
  let scaled = "";

  it("are made when asked for, and proved; Redis is taken along", async () => {
    await redis("set", "e2e:marker", "before", "ex", "86400");
    const ended = await run("backup", "create", "--type", "full", "--json");
    expect(ended.code, howItEnded(ended)).toBe(0);
    fitsSchema("backup-created", ended.stdout);
    expect(JSON.parse(ended.stdout)).toMatchObject({ outcome: "made", set: { type: "full", timeline: 1 } });
    const listed = JSON.parse((await run("backup", "list", "--json")).stdout) as { readonly redis?: object };
    expect(listed.redis).toMatchObject({ enabled: true, asOf: expect.any(String), keys: expect.any(Number) });
    expect(listed.redis).not.toHaveProperty("failure");
    await redis("set", "e2e:marker", "after");
    await redis("set", "e2e:later", "yes");
  });

  it("are listed with the moments that can be reached", async () => {
    await sql("insert into public.marker (id) values (2), (3)");
    const { windows, sets, holes } = await list();
    expect(sets.map(({ type }) => type)).toContain("full");
    expect(holes).toEqual([]);
    // Right after a second backup its end may stand alone: nothing that was archived after the last commit tells yet that there was none between.
    expect(windows.length).toBeGreaterThan(0);
    for (const window of windows) expect(window).toMatchObject({ timeline: 1, living: true });
  });

  it("are verified, file by file and segment by segment", async () => {
    const ended = await run("backup", "verify", "--json");
    expect(ended.code, howItEnded(ended)).toBe(0);
    fitsSchema("backups-verified", ended.stdout);
    expect(JSON.parse(ended.stdout)).toMatchObject({
      verdict: "pass",
      checks: expect.arrayContaining([{ what: "checksums", verdict: "pass", seen: "every file is as it was written" }]),
    });
  });

  it("bring back what a DELETE took, by the name of the moment before, looked at page by page before it serves", async () => {
    scaled = await database.replicas();
    await sql("insert into public.marker (id) values (30), (31)");
    const named = await run("backup", "point", "before-cleanup", "--json");
    expect(named.code, howItEnded(named)).toBe(0);
    fitsSchema("restore-point", named.stdout);
    await sql("delete from public.marker where id >= 30");
    expect((await run("backup", "point", "before-cleanup", "--json")).stdout).toContain("RESTORE_POINT_EXISTS");
    const target = ["--to-name", "before-cleanup", "--check", "thorough"];
    const ended = await run("backup", "restore", ...target, "--yes", "--confirm", release, "--json");
    expect(ended.code, howItEnded(ended)).toBe(0);
    fitsSchema("restore-result", ended.stdout);
    const { checks } = JSON.parse(ended.stdout) as {
      readonly checks: readonly { readonly id: string; readonly verdict: string; readonly seen: string }[];
    };
    expect(checks.map(({ id, verdict }) => [id, verdict])).toEqual([
      ["tables", "pass"],
      ["schema", "pass"],
      ["indexes", "pass"],
      ["vector-indexes", "pass"],
      ["sequences", "pass"],
      ["redis", "pass"],
      ["pages", "pass"],
    ]);
    expect(checks[0]?.seen).toContain("public.marker 3 -> 5");
    expect(checks[3]?.seen).toContain("agent_discovered_patterns_embedding gives the nearest for 3 vectors");
    expect(await rows()).toBe("1 2 3 30 31");
    expect(await database.replicas()).toBe(scaled);
    const restored = JSON.parse(ended.stdout) as { readonly redis?: { readonly secondsBefore?: number } };
    expect(restored.redis).toMatchObject({ from: "snapshot", asOf: expect.any(String) });
    expect(restored.redis?.secondsBefore).toBeGreaterThanOrEqual(0);
    expect(await redis("get", "e2e:marker")).toBe("before");
    expect(Number(await redis("ttl", "e2e:marker"))).toBeGreaterThan(80_000);
    expect(await redis("exists", "e2e:later")).toBe("0");
    const { timeline, windows } = await list();
    expect(timeline).toBe(2);
    expect(windows.map((window) => window.timeline)).toEqual(expect.arrayContaining([1, 2]));
    const status = await run("status", "--json");
    expect(status.code, status.stdout).toBe(0);
  });

  it("is undone by one command: the data of before is back", async () => {
    const ended = await run("backup", "undo", "--yes", "--confirm", release, "--json");
    expect(ended.code, howItEnded(ended)).toBe(0);
    fitsSchema("undo-result", ended.stdout);
    expect(await rows()).toBe("1 2 3");
    expect(await database.replicas()).toBe(scaled);
    expect(await redis("mget", "e2e:marker", "e2e:later")).toBe("after\nyes");
    const history = await run("history", "--verify", "--json");
    expect(history.code).toBe(0);
    expect(
      (JSON.parse(history.stdout) as { readonly entries: readonly { readonly workflow: string }[] }).entries.map(
        ({ workflow }) => workflow,
      ),
    ).toEqual(["install", "restore", "undo-restore"]);
  });

  it("bring back a table that was dropped, to the row, while the mistake is seconds old", async () => {
    await sql("create table public.orders (id int primary key); insert into public.orders select generate_series(1, 500)");
    const before = await database.now();
    await pause(50);
    await sql("drop table public.orders");
    const ended = await run("backup", "restore", "--to-time", before, "--yes", "--confirm", release, "--json");
    expect(ended.code, howItEnded(ended)).toBe(0);
    expect(await sql("select count(*) from public.orders")).toBe("500");
    expect(await rows()).toBe("1 2 3");
  });

  it("bring back everything that was archived when the volume is lost", async () => {
    await sql("insert into public.marker (id) values (4)");
    await database.archived();
    await database.kube("scale", "statefulset/postgres", "--replicas=0");
    await database.kube("wait", "pod/postgres-0", "--for=delete", "--timeout=2m");
    const labelled = () =>
      database.kube("get", "pvc", "data-postgres-0", "-o", "jsonpath={.metadata.labels}{.spec.resources}{.spec.storageClassName}");
    const before = await labelled();
    await database.kube("delete", "pvc", "data-postgres-0", "--timeout=2m");
    await database.kube("scale", "statefulset/postgres", "--replicas=1");
    const ended = await run("backup", "restore", "--to-latest", "--yes", "--confirm", release, "--json");
    expect(ended.code, howItEnded(ended)).toBe(0);
    expect(await rows()).toBe("1 2 3 4");
    expect(await labelled()).toBe(before);
    expect(await sql("select count(*) from public.orders")).toBe("500");
    expect(await database.replicas()).toBe(scaled);
  });

  it(`are restored by the same command when it was killed on its way, people on a maintenance page meanwhile (${struck.join(", ")})`, async () => {
    const address = (service: string) => database.kube("get", "service", service, "-o", "jsonpath={.spec.clusterIP}");
    const [api, home] = [`http://${await address("backend")}:8000/api/v1/version`, `http://${await address("frontend")}:8080/`];
    const seen = (url: string) => runInside(site.sandbox, ["curl", "-s", "-i", "--max-time", "5", url]);
    for (const action of struck) {
      const id = 100 + (await sql("select count(*) from public.marker").then(Number));
      await sql(`insert into public.marker (id) values (${id})`);
      const [kept, command] = [await rows(), ["backup", "restore", "--to-time", await database.now(), "--yes", "--confirm", release]];
      await sql(`insert into public.marker (id) values (${id + 1})`);
      expect(await seen(api)).toContain("200 OK");
      await killedAt(action, command);
      if (behindThePage.has(action)) {
        expect(await seen(api), action).toMatch(/503[\s\S]*retry-after: 30[\s\S]*"maintenance"/i);
        expect(await seen(home), action).toMatch(/503[\s\S]*retry-after: 30[\s\S]*Back in a moment/i);
      }
      const ended = await run(...command, "--json");
      expect(ended.code, `${action}: ${ended.stderr}${ended.stdout}`).toBe(0);
      expect(await rows(), action).toBe(kept);
      expect(await database.replicas(), action).toBe(scaled);
      expect(await seen(api), action).toContain("200 OK");
      expect(await seen(home), action).toContain("200 OK");
    }
  }, 3_600_000);

  it("leave data behind that pruning removes, and the platform goes on", async () => {
    const kept = await rows();
    const planned = await run("backup", "prune", "--dry-run", "--json");
    fitsSchema("prune-result", planned.stdout);
    expect(JSON.parse(planned.stdout)).toMatchObject({ outcome: "planned" });
    const refused = await run("backup", "prune", "--yes", "--json");
    expect(refused.code).not.toBe(0);
    const ended = await run("backup", "prune", "--yes", "--confirm", release, "--json");
    expect(ended.code, howItEnded(ended)).toBe(0);
    expect((JSON.parse(ended.stdout) as { readonly removed: readonly unknown[] }).removed).toEqual(
      (JSON.parse(planned.stdout) as { readonly removed: readonly unknown[] }).removed,
    );
    expect(JSON.parse((await run("backup", "prune", "--json")).stdout)).toMatchObject({ outcome: "nothing" });
    expect(await rows()).toBe(kept);
  });
});
