import { setTimeout as pause } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import { processesOf } from "../campaign/outage.ts";
import { answersFile } from "./support/answers.ts";
import { PlatformDatabase } from "./support/database.ts";
import { stateOfAction } from "./support/journal.ts";
import { type Ended, howItEnded, kubectl, migratectl } from "./support/site.ts";

const site = inject("site");
const namespace = "faults";
const release = "migrate-platform";
const database = new PlatformDatabase(site, namespace);
let answers = "";

const run = (...args: readonly string[]) => migratectl(site, [...args, "--answers", answers, "--json"]);
const restore = (...target: readonly string[]) => run("backup", "restore", ...target, "--yes", "--confirm", release);
const must = async (...args: readonly string[]): Promise<string> => {
  const ended = await run(...args);
  expect(ended.code, howItEnded(ended)).toBe(0);
  return ended.stdout;
};
const told = ({ stdout }: Ended) => (JSON.parse(stdout) as { readonly error: { readonly code: string; readonly what: string } }).error;
const rows = () => database.sql("select string_agg(id::text, ' ' order by id) from public.marker");
/** The pods that run, by their identity: the same when nothing was touched. */
const pods = () =>
  database.kube("get", "pods", "--field-selector=status.phase=Running", "-o", "jsonpath={range .items[*]}{.metadata.uid} {end}");
const repository = (script: string, ...args: readonly string[]) => database.exec("sh", "-euc", script, "sh", ...args);

/** What was scaled to nothing takes a while to be ready again. */
const serves = () =>
  expect
    .poll(
      async () => {
        const { code, stdout } = await run("status");
        return code === 0 ? "it serves" : stdout;
      },
      { timeout: 120_000, interval: 1000 },
    )
    .toBe("it serves");

/** Moments after which a row was committed, each in a segment of its own. */
const moments: string[] = [];
const segments: string[] = [];
const commit = async (id: number): Promise<void> => {
  await database.sql(`insert into public.marker (id) values (${id})`);
  moments.push(await database.now());
  await pause(20);
  segments.push(await database.archived());
};
const path = async (segment: string) => (await repository('find /var/lib/pgbackrest/archive -name "$1-*"', segment)).trim();

beforeAll(async () => {
  answers = await answersFile(site, namespace, { release: { namespace } });
  await must("install", "--airgap", "--bundle", site.bundle, "--yes");
  await database.sql("create table public.marker (id int primary key)");
  await must("backup", "create", "--type", "full");
  for (const id of [1, 2, 3, 4]) await commit(id);
}, 600_000);

afterAll(async () => {
  await must("uninstall", "--delete-data", "--confirm", release, "--yes");
  await kubectl(site, "delete", "namespace", namespace, "--wait=false");
});

describe("what cannot be restored is said before anything is touched", () => {
  const inAnHour = new Date(Date.now() + 3_600_000).toISOString();
  const refused = [
    ["a time before the first backup", 6, "RECOVERY_OUT_OF_WINDOW", ["--to-time", "2020-01-01T00:00:00Z"]],
    ["a time in the future", 2, "TIME_IN_FUTURE", ["--to-time", inAnHour]],
    ["a time without its zone", 2, "TIME_WITHOUT_ZONE", ["--to-time", "2026-11-25T10:00:00"]],
    ["a place that no WAL has reached", 6, "RECOVERY_OUT_OF_WINDOW", ["--to-lsn", "FF/0"]],
    ["a timeline that nobody wrote", 6, "RECOVERY_OUT_OF_WINDOW", ["--to-time=-1s", "--timeline", "99"]],
    ["a backup that is not there", 2, "BACKUP_UNKNOWN", ["--to-backup", "20200101-000000F"]],
    ["a restore point of another name", 6, "RECOVERY_OUT_OF_WINDOW", ["--to-name", "nobody-made-it"]],
  ] as const;

  it(`${refused.map(([what]) => what).join(", ")}`, async () => {
    const before = await pods();
    const ended = await Promise.all(refused.map(([, , , target]) => restore(...target)));
    expect(ended.map((one) => [one.code, told(one).code])).toEqual(refused.map(([, exit, code]) => [exit, code]));
    expect(await pods()).toBe(before);
  });

  it("a repository that cannot be read", async () => {
    const before = await pods();
    await repository("chmod 000 /var/lib/pgbackrest/backup /var/lib/pgbackrest/archive");
    const ended = await restore("--to-time", moments[1] ?? "");
    await repository("chmod 750 /var/lib/pgbackrest/backup /var/lib/pgbackrest/archive");
    expect([ended.code, told(ended).code], howItEnded(ended)).toEqual([6, "REPOSITORY_UNREADABLE"]);
    expect(await pods()).toBe(before);
  });
});

describe("a repository that is damaged", () => {
  it("in a segment of its WAL: the restore ends at it, nothing is promoted there, and the data of before serves again", async () => {
    const file = await path(segments[2] ?? "");
    await repository('head -c 32 /dev/urandom | dd of="$1" bs=1 seek=256 conv=notrunc status=none', file);
    const ended = await restore("--to-time", moments[3] ?? "");
    expect([ended.code, told(ended).code], howItEnded(ended)).toEqual([4, "RUN_UNDONE"]);
    expect(ended.stdout, "names the segment").toContain(segments[2]);
    expect(await rows()).toBe("1 2 3 4");
    expect(await database.sql("select timeline_id from pg_control_checkpoint()")).toBe("1");
    await serves();
    expect(JSON.parse((await run("backup", "verify")).stdout)).toMatchObject({ verdict: "fail" });
  });

  it("by a segment that is missing: the hole is seen, and no moment behind it is promised", async () => {
    await repository('rm "$1"', await path(segments[2] ?? ""));
    const list = JSON.parse(await must("backup", "list")) as { readonly holes: readonly unknown[] };
    expect(list.holes).toHaveLength(1);
    const before = await pods();
    const ended = await restore("--to-time", moments[3] ?? "");
    expect([ended.code, told(ended).code], ended.stdout).toEqual([6, "RECOVERY_OUT_OF_WINDOW"]);
    expect(ended.stdout).toContain(segments[2]);
    expect(await pods()).toBe(before);
    expect((await restore("--to-time", moments[0] ?? "", "--dry-run")).code).toBe(0);
  });

  it("in the files of a backup: restoring it fails, and the data of before serves again", async () => {
    await must("backup", "create", "--type", "full");
    const { sets } = JSON.parse(await must("backup", "list")) as { readonly sets: readonly { readonly label: string }[] };
    const label =
      sets
        .map((set) => set.label)
        .toSorted()
        .at(-1) ?? "";
    const spoil =
      'for file in $(find "/var/lib/pgbackrest/backup/main/$1" -path "*/bundle/*" -type f); do head -c 4096 /dev/urandom | dd of="$file" bs=1 seek=512 conv=notrunc status=none; done';
    await repository(spoil, label);
    const ended = await restore("--to-backup", label);
    expect([ended.code, told(ended).code], howItEnded(ended)).toEqual([4, "RUN_UNDONE"]);
    expect(await rows()).toBe("1 2 3 4");
    await serves();
    await must("backup", "create", "--type", "full");
  });
});

describe("a restore that is disturbed", () => {
  it("by another one: that is refused; by the loss of its node: it goes on or goes back, and says which", async () => {
    await commit(5);
    const [kept, command] = [await rows(), ["backup", "restore", "--to-time", moments[4] ?? "", "--yes", "--confirm", release]];
    await database.sql("insert into public.marker (id) values (6)");
    const first = run(...command);
    await expect.poll(() => stateOfAction(database, "quiesce"), { timeout: 120_000, interval: 100 }).toBe("running");
    const second = await run(...command);
    expect([second.code, told(second).code], second.stdout).toEqual([5, "INSTALL_LOCKED"]);

    await expect.poll(() => stateOfAction(database, "recover"), { timeout: 120_000, interval: 50 }).toBe("running");
    const kubelets = processesOf(site.sandbox, "kubelet");
    for (const pid of kubelets) process.kill(pid, "SIGSTOP");
    try {
      await database.kube("delete", "pods", "-l", "app.kubernetes.io/component=postgres-restore", "--force", "--grace-period=0");
    } finally {
      for (const pid of kubelets) process.kill(pid, "SIGCONT");
    }
    const ended = await first;
    if (ended.code === 0) expect(await rows()).toBe(kept);
    else {
      expect(told(ended).code, ended.stdout).toBe("RUN_UNDONE");
      expect(await rows()).toBe("1 2 3 4 5 6");
    }
    await serves();
    const again = await run(...command);
    expect(again.code, howItEnded(again)).toBe(0);
    expect(await rows()).toBe(kept);
  });
});
