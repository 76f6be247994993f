import { execFile } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { readInspection } from "../../../src/adapters/kubernetes/backup-host/answers.ts";
import { readOwnRepository } from "../../../src/workflow/backup/survey.ts";
import { problemOf } from "../../fakes/problem-of.ts";
import type { Container } from "./container.ts";
import { eventually } from "./eventually.ts";
import { buildPlatform } from "./platform.ts";
import { PlatformLab, type PostgresOptions } from "./platform-lab.ts";
import { pgbackrestConfig } from "./reference-config.ts";
import { hostArchitecture } from "./sources.ts";

const execute = promisify(execFile);

/** What a table holds, and the repository must not show. */
const canary = "canary-of-a-row-in-the-database";

/** The configuration of an installation that does not encrypt its backups. */
const unencrypted = pgbackrestConfig["pgbackrest.conf"].replace(/repo1-cipher-type=.*\n/, "");

describe("an encrypted repository, with the image that the chart runs", () => {
  let folder: string;
  let lab: PlatformLab;
  let primary: Container;
  let agent: Container;
  let serial = 0;

  const ask = async (...args: readonly string[]): Promise<string> => (await agent.exec("postgres-entrypoint", ...args)).trim();
  const start = async (more: PostgresOptions = {}): Promise<void> => {
    serial += 1;
    primary = await lab.postgres("postgres", ["primary"], { ...more, name: `postgres-${serial}` });
    await lab.postgresReady(primary);
    agent = await lab.postgres("postgres", ["backup-agent"], { ...more, name: `agent-${serial}` });
    await eventually("the agent runs", 30, () => ask("volumes"));
  };
  const stop = async (): Promise<void> => {
    expect(await agent.stop(), agent.output).toBe(0);
    expect(await primary.stop(), primary.output).toBe(0);
  };
  const backUp = async (): Promise<string> => {
    const asked = await eventually("a full backup is asked for", 60, () => ask("ask-backup", "full", "test").catch(() => false));
    const { request } = JSON.parse(String(asked)) as { readonly request: number };
    return eventually(
      "the full backup is made",
      90,
      async () => /"label" : "([0-9F-]+)"/.exec(await ask("backup-state", String(request)))?.[1] ?? false,
    );
  };
  const switched = async (): Promise<string> => (JSON.parse(await ask("switch-wal")) as { readonly switched: string }).switched;
  const repositoryOf = async () => readOwnRepository(readInspection(await ask("inspect")));
  const folderOf = async (): Promise<string> => (await lab.postgresVolumes("postgres"))["/var/lib/pgbackrest"] ?? "";

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "platform-encryption-"));
    await buildPlatform({ release: "1.0.0", out: join(folder, "1.0.0"), images: ["postgres"], platforms: [hostArchitecture] });
    lab = await PlatformLab.open(join(folder, "1.0.0"), join(folder, "lab"));
    await lab.pods.address("postgres");
    await start();
    await lab.query(primary, `create table marker as select '${canary}' || n as text from generate_series(1, 1000) n`);
    await backUp();
  }, 300_000);

  afterAll(async () => {
    await lab?.pods.close();
    await rm(folder, { recursive: true, force: true });
  }, 60_000);

  test("shows nothing of the database to who holds its files, and all of it to the survey: sets, histories, commits", async () => {
    await lab.query(primary, "update marker set text = text || '!'");
    const segment = await switched();
    const path = await eventually(
      `${segment} is archived`,
      60,
      async () => new RegExp(`17-1/0000000100000000/${segment}-[0-9a-f]{40}\\.zst`).exec(await ask("inspect"))?.[0],
    );
    const { repository } = await repositoryOf();
    expect(repository).toMatchObject({ cipher: "aes-256-cbc" });
    // The agent's own first one, and the one that was asked for; whichever came first may have been the only one.
    expect(repository.sets.at(-1)).toMatchObject({ type: "full", error: false });
    expect(await ask("commits", path)).toMatch(/"commits":\[\{"lsn":"0\//);
    const files = (await execute("find", [await folderOf(), "-type", "f", "-size", "+15c", "-printf", "%p\n"])).stdout.trim().split("\n");
    expect(files.length).toBeGreaterThan(6);
    for (const file of files) {
      const { stdout } = await execute("head", ["-c", "8", file], { encoding: "buffer" });
      // What pgBackRest bundles has no header of its own, and would begin as zstd's output does.
      if (file.includes("/bundle/")) expect(stdout.subarray(0, 4).toString("hex"), file).not.toBe("28b52ffd");
      else expect(stdout.toString(), file).toBe("Salted__");
    }
  });

  test("the key is in no argument, no environment and no output, and in one file that its user alone can read", async () => {
    const everywhere = "cat /proc/[0-9]*/cmdline /proc/[0-9]*/environ 2>/dev/null | tr '\\0' '\\n'";
    for (const container of [primary, agent]) {
      const seen = await container.exec("sh", "-c", everywhere);
      expect(seen).toContain("PGBACKREST_CONFIG_INCLUDE_PATH=/tmp/pgbackrest.d");
      expect(seen).not.toContain(lab.cipherKey);
      expect(await container.exec("stat", "-c", "%a %n", "/tmp/pgbackrest.d/secrets.conf")).toBe("600 /tmp/pgbackrest.d/secrets.conf\n");
    }
    expect(lab.pods.output()).not.toContain(lab.cipherKey);
  });

  test.each([
    ["another key", { cipherKey: "YW5vdGhlciBrZXk=" }, "The cipher key in Secret backup-encryption does not fit the repository."],
    ["no key", { pgbackrest: unencrypted }, "The repository is encrypted, and the installation is set up without a key."],
  ])("%s: says so instead of showing an empty repository, and changes nothing in it", async (_, wrong, what) => {
    const labels = async () => (await repositoryOf()).repository.sets.map(({ label }) => label);
    const before = await labels();
    await stop();
    await start(wrong);
    expect(await problemOf(repositoryOf)).toMatchObject({ code: "REPOSITORY_KEY_WRONG", exit: "recovery", message: what });
    await eventually("the agent says so", 30, async () => agent.output.includes("stanza main cannot be made yet"));
    await switched();
    await eventually("archiving fails", 90, async () => readInspection(await ask("inspect")).primary?.archived.failedSegment);
    await stop();
    await start();
    expect(await labels()).toEqual(before);
    await eventually("archiving goes on", 90, async () => {
      const { archived } = readInspection(await ask("inspect")).primary ?? {};
      return (archived?.at ?? 0) > (archived?.failedAt ?? 0);
    });
    expect(await ask("verify")).toMatch(/status: ok/);
  });

  test("a key where the repository was made without one is told, too", async () => {
    await stop();
    const plain = { pgbackrest: unencrypted, repository: "plain" };
    await start(plain);
    await backUp();
    expect((await repositoryOf()).repository).toMatchObject({ cipher: "none" });
    await stop();
    await start({ repository: "plain" });
    expect(await problemOf(repositoryOf)).toMatchObject({
      code: "REPOSITORY_KEY_WRONG",
      message: "The repository is not encrypted, and the installation is set up with a key.",
    });
  });
});
