import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm, stat, statfs, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { readInspection } from "../../../src/adapters/kubernetes/backup-host/answers.ts";
import { readExamination } from "../../../src/adapters/kubernetes/backup-host/examination-answer.ts";
import { defaultSegmentBytes, formatLsn, lsnOf, segmentAt, segmentName } from "../../../src/domain/recovery/lsn.ts";
import { parseExactJson, readRepository } from "../../../src/domain/recovery/repository.ts";
import { readOwnRepository } from "../../../src/workflow/backup/survey.ts";
import type { Container } from "./container.ts";
import { eventually } from "./eventually.ts";
import { buildPlatform } from "./platform.ts";
import { PlatformLab } from "./platform-lab.ts";
import { hostArchitecture } from "./sources.ts";

const execute = promisify(execFile);

interface RestoreState {
  readonly phase: string;
  readonly message: string;
  readonly reached: { readonly inRecovery: boolean; readonly timeline: number; readonly lastCommit: string } | null;
}

describe("a restore beside the data, in the image that the chart runs", () => {
  let folder: string;
  let lab: PlatformLab;
  /** The data volume, once it is mounted. */
  let volume: string | undefined;
  let primary: Container;
  let agent: Container;
  let set: string;
  let serial = 0;
  /** Moments after each of the rows 1, 2 and 3 was committed. */
  const after: string[] = [];

  const rows = (container: Container): Promise<string> => lab.query(container, "select string_agg(id::text, ' ' order by id) from marker");
  const ask = async (container: Container, ...args: readonly string[]): Promise<string> =>
    (await container.exec("postgres-entrypoint", ...args)).trim();
  const stateOf = async (container: Container): Promise<RestoreState> => JSON.parse(await ask(container, "restore-state")) as RestoreState;
  const startPrimary = async (): Promise<void> => {
    serial += 1;
    primary = await lab.postgres("postgres", ["primary"], { name: `postgres-${serial}` });
    await lab.postgresReady(primary);
    agent = await lab.postgres("postgres", ["backup-agent"], { name: `agent-${serial}` });
    await eventually("the agent runs", 30, () => ask(agent, "volumes"));
  };
  const stop = async (): Promise<void> => {
    expect(await agent.stop(), agent.output).toBe(0);
    expect(await primary.stop(), primary.output).toBe(0);
  };
  const restore = (...args: readonly string[]): Promise<Container> => {
    serial += 1;
    return lab.postgres("postgres", ["restore", ...args], { name: `restore-${serial}` });
  };
  const atTarget = (container: Container): Promise<RestoreState> =>
    eventually("the restore waits at its target", 60, async () => {
      const state = await stateOf(container).catch(() => undefined);
      if (container.status !== undefined) throw new Error(container.output);
      return state?.phase === "paused" && state;
    });
  const commit = async (id: number): Promise<void> => {
    await lab.query(primary, `insert into marker values (${id})`);
    after.push(await lab.query(primary, "select to_char(clock_timestamp() at time zone 'UTC', 'YYYY-MM-DD HH24:MI:SS.US+00')"));
  };
  /** Everything until now is in the archive. */
  const archived = async (): Promise<void> => {
    const segment = (JSON.parse(await ask(agent, "switch-wal")) as { readonly switched: string }).switched;
    await eventually(`${segment} is archived`, 60, async () => (await ask(agent, "inspect")).includes(segment));
  };

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "platform-restore-"));
    await buildPlatform({ release: "1.0.0", out: join(folder, "1.0.0"), images: ["postgres"], platforms: [hostArchitecture] });
    lab = await PlatformLab.open(join(folder, "1.0.0"), join(folder, "lab"));
    await lab.pods.address("postgres");
    // A volume that can fill up.
    const { "/var/lib/postgresql/data": data = "" } = await lab.postgresVolumes("postgres");
    const { uid, gid } = await stat(data);
    await execute("mount", ["-t", "tmpfs", "-o", `size=1g,uid=${uid},gid=${gid},mode=0700`, "tmpfs", data]);
    volume = data;
    await startPrimary();
    await lab.query(primary, "create table marker (id int primary key, at timestamptz not null default clock_timestamp())");
    await commit(1);
    const { request } = JSON.parse(
      await eventually("a full backup is asked for", 60, () => ask(agent, "ask-backup", "full", "test").catch(() => false)),
    ) as {
      readonly request: number;
    };
    set = await eventually(
      "the full backup is made",
      90,
      async () => /"label" : "([0-9F-]+)"/.exec(await ask(agent, "backup-state", String(request)))?.[1] ?? false,
    );
    await commit(2);
    await commit(3);
    await archived();
  }, 300_000);

  afterAll(async () => {
    // Closing removes the folder; containers that are still there keep what they have mounted until they end.
    if (volume !== undefined) await execute("umount", ["--lazy", volume]);
    await lab?.pods.close();
    await rm(folder, { recursive: true, force: true });
  }, 60_000);

  test("waits at the target, to the transaction, while the old data stands beside it", async () => {
    await stop();
    const running = await restore("r1", set, "1", "time", after[1] ?? "");
    const state = await atTarget(running);
    expect(state.reached).toMatchObject({ inRecovery: true, timeline: 1 });
    expect(await rows(running)).toBe("1 2");
    const volumes = await ask(running, "volumes");
    expect(volumes).toContain('"current":true');
    expect(volumes).toContain('{"directory":{"name":"17-r1","current":false');
    await running.kill();
  });

  test("killed at the target it goes on from there, and once told so becomes current on a timeline of its own", async () => {
    const running = await restore("r1", set, "1", "time", after[1] ?? "");
    await atTarget(running);
    expect(running.output).not.toContain("restore: copying");
    await ask(running, "decide", "promote");
    expect(await running.ended, running.output).toBe(0);
    await startPrimary();
    expect(await rows(primary)).toBe("1 2");
    expect(await lab.query(primary, "select timeline_id from pg_control_checkpoint()")).toBe("2");
    expect(
      await lab.query(primary, "select count(*) from pg_settings where name like 'recovery_target%' and source = 'configuration file'"),
    ).toBe("0");
    const inspected = await ask(agent, "inspect");
    expect(inspected).toContain("00000002.history");
    expect(inspected).toMatch(/"17-1\/0000000200000000\/00000002/);
  });

  test("begun again once it is current it changes nothing", async () => {
    await stop();
    const again = await restore("r1", set, "1", "time", after[1] ?? "");
    expect(await again.ended, again.output).toBe(0);
    expect(again.output).not.toContain("copying");
    await startPrimary();
  });

  test("is undone: what it had replaced is current again, with every row, and goes on archiving on its own timeline", async () => {
    await stop();
    serial += 1;
    const undone = await lab.postgres("postgres", ["undo-restore", "r1"], { name: `undo-${serial}` });
    expect(await undone.ended, undone.output).toBe(0);
    await startPrimary();
    expect(await rows(primary)).toBe("1 2 3");
    expect(await lab.query(primary, "select timeline_id from pg_control_checkpoint()")).toBe("1");
    await commit(4);
    await archived();
  });

  test("a target that the archive does not reach leaves everything as it was, and says why", async () => {
    await stop();
    const running = await restore("r2", set, "1", "time", "2099-01-01 00:00:00.000000+00");
    expect(await running.ended).toBe(1);
    expect(running.output).toContain("recovery ended before configured recovery target was reached");
    await startPrimary();
    expect(await rows(primary)).toBe("1 2 3 4");
  });

  test("a volume that is full before everything is copied is told, and leaves everything as it was", async () => {
    await stop();
    const ballast = join(volume ?? "", "ballast");
    const { bavail, bsize } = await statfs(volume ?? "");
    await execute("fallocate", ["-l", String(bavail * bsize - 8 * 1024 * 1024), ballast]);
    const running = await restore("r-full", set, "1", "time", after[1] ?? "");
    const status = await running.ended;
    await rm(ballast);
    expect(status, running.output).toBe(64);
    expect(running.output).toContain("pgbackrest restore ended with status 64");
    await startPrimary();
    expect(await rows(primary)).toBe("1 2 3 4");
  });

  test("another cluster beside this repository is told so, whatever pgBackRest says of it", async () => {
    const stranger = await lab.postgres("stranger", ["primary"], { name: "stranger" });
    await lab.postgresReady(stranger);
    const beside = await lab.postgres("stranger", ["backup-agent"], { name: "stranger-agent", repository: "postgres" });
    const inspection = await eventually("the stranger's agent answers", 60, async () => {
      const seen = readInspection(await ask(beside, "inspect"));
      return seen.primary === undefined ? false : seen;
    });
    expect(() => readOwnRepository(inspection)).toThrow(expect.objectContaining({ code: "REPOSITORY_FOREIGN" }));
    expect(await beside.stop(), beside.output).toBe(0);
    expect(await stranger.stop(), stranger.output).toBe(0);
  });

  test("a moment that was given a name is catalogued with the backup, found in the one segment, and reached to the row", async () => {
    await lab.query(
      primary,
      "create table migration.patterns (id serial primary key, embedding vector(8)); create index patterns_embedding on migration.patterns using hnsw (embedding vector_cosine_ops)",
    );
    await lab.query(
      primary,
      "insert into migration.patterns (embedding) select array(select random() + n * 0 from generate_series(1, 8))::real[]::vector from generate_series(1, 500) n",
    );
    const { restorePoint } = JSON.parse(await ask(agent, "restore-point", "before-cleanup")) as {
      readonly restorePoint: { readonly name: string; readonly timeline: number; readonly lsn: string; readonly at: string };
    };
    expect(restorePoint).toMatchObject({ name: "before-cleanup", timeline: 1 });
    await ask(agent, "annotate", set, `restore-point/1/before-cleanup=${restorePoint.lsn} ${restorePoint.at}`);
    await lab.query(primary, "delete from migration.patterns");
    await archived();
    const inspected = await ask(agent, "inspect");
    const info = parseExactJson(/^\{"info":(.*)\}$/m.exec(inspected)?.[1] ?? "null");
    const [point] = readRepository(info, "main").restorePoints;
    expect([point?.name, point && formatLsn(point.lsn)]).toEqual(["before-cleanup", restorePoint.lsn]);
    const number = segmentAt(point?.lsn ?? lsnOf(0n), defaultSegmentBytes);
    const segment = segmentName({ timeline: 1, number }, defaultSegmentBytes);
    const path = new RegExp(`17-1/[0-9A-F]+/${segment}-[^"]+`).exec(inspected)?.[0] ?? "";
    expect(JSON.parse(await ask(agent, "restore-points", path))).toEqual({
      restorePoint: { name: "before-cleanup", lsn: restorePoint.lsn },
    });
    await stop();
    const running = await restore("r4", set, "1", "lsn", restorePoint.lsn);
    await atTarget(running);
    const seen = readExamination(await ask(running, "examine", "thorough"));
    expect(seen.tables).toContainEqual({ name: "migration.patterns", rows: 500, exact: true });
    expect(seen.heartbeat).toMatchObject({ advances: false });
    expect(seen).toMatchObject({ invalidIndexes: [], sequencesBehind: [], pages: { corrupt: [] } });
    expect(seen.vectorIndexes).toEqual([{ index: "migration.patterns_embedding", sampled: 3, agreed: 3 }]);
    expect(seen.pages?.looked).toBeGreaterThan(100);
    await ask(running, "decide", "discard");
    expect(await running.ended, running.output).toBe(0);
    await startPrimary();
    const now = readExamination(await ask(agent, "examine", "counts"));
    expect(now.tables).toContainEqual({ name: "migration.patterns", rows: 0, exact: true });
    const advances = async () => readExamination(await ask(agent, "examine", "counts")).heartbeat?.advances === true;
    await eventually("the heartbeat advances", 45, advances);
  });

  test("connections from outside the pod are ended, and it is told whose they were", async () => {
    const password = lab.passwords["app-password"] ?? "";
    const login = ["psql", "-h", await lab.pods.address("postgres"), "-U", "migration_app", "-d", "migration"];
    const asleep = agent.exec("env", `PGPASSWORD=${password}`, ...login, "-c", "select pg_sleep(600)").then(
      () => "ended by itself",
      () => "ended",
    );
    await eventually(
      "somebody is connected",
      30,
      async () => (await lab.query(primary, "select count(*) from pg_stat_activity where usename = 'migration_app'")) === "1",
    );
    expect(JSON.parse(await ask(agent, "end-connections"))).toMatchObject({ connection: { user: "migration_app", application: "psql" } });
    expect(await asleep).toBe("ended");
    expect(await ask(agent, "end-connections")).toBe("");
  });

  test("a sequence that would give a value again, and an index that cannot be used, are named", async () => {
    await lab.query(primary, "insert into migration.patterns (id, embedding) values (100000, array_fill(1, array[8])::vector)");
    await lab.query(primary, "update pg_index set indisvalid = false where indexrelid = 'migration.patterns_embedding'::regclass");
    const seen = readExamination(await ask(agent, "examine", "quick"));
    expect(seen.sequencesBehind).toEqual(["migration.patterns_id_seq"]);
    expect(seen.invalidIndexes).toEqual(["migration.patterns_embedding"]);
    expect(seen.vectorIndexes).toEqual([]);
    await lab.query(primary, "drop table migration.patterns");
  });

  test("a table whose pages are damaged is named, and keeps nothing else from being told", async () => {
    const columns = "(id serial primary key, text text)";
    await lab.query(primary, `create table migration.damaged ${columns}; insert into migration.damaged (text) values ('whole')`);
    const path = await lab.query(primary, "select pg_relation_filepath('migration.damaged')");
    await stop();
    const file = join(volume ?? "", "current", path);
    const page = await readFile(file);
    const damaged = Buffer.from(page);
    damaged.fill(7, 4096);
    await writeFile(file, damaged);
    await startPrimary();
    const seen = readExamination(await ask(agent, "examine", "quick"));
    expect(seen.failures).toEqual([
      { what: "tables", message: expect.stringMatching(/^migration\.damaged: invalid page in block 0 /) },
      { what: "sequences", message: expect.stringMatching(/^migration\.damaged_id_seq: invalid page in block 0 /) },
    ]);
    expect(seen.tables).toContainEqual({ name: "migration.damaged", rows: undefined, exact: false });
    expect(seen.tables).toContainEqual({ name: "public.marker", rows: expect.any(Number), exact: true });
    expect(seen.heartbeat).toBeDefined();
    await lab.query(primary, "drop table migration.damaged");
  });

  test("that was only to be looked at is thrown away, and what restores replaced is pruned", async () => {
    await stop();
    const running = await restore("r3", set, "2", "immediate");
    await atTarget(running);
    expect(await rows(running)).toBe("1");
    await ask(running, "decide", "discard");
    expect(await running.ended, running.output).toBe(0);
    await startPrimary();
    expect(await ask(agent, "volumes")).not.toContain("17-r3");
    expect(await ask(agent, "volumes")).toContain('"replacedBy":"undo-r1"');
    await ask(agent, "prune-restores");
    expect(await ask(agent, "volumes")).not.toMatch(/undo-r1|17-r2/);
    expect(await rows(primary)).toBe("1 2 3 4");
  });

  test("a segment that was altered ends the recovery, and is named", async () => {
    const segment = await lab.query(primary, "select pg_walfile_name(pg_current_wal_lsn())");
    await commit(5);
    await archived();
    await stop();
    const { "/var/lib/pgbackrest": repository } = await lab.postgresVolumes("postgres");
    const { stdout } = await execute("find", [join(repository, "archive"), "-name", `${segment}-*`]);
    const file = stdout.trim();
    const whole = await readFile(file);
    const altered = Buffer.from(whole);
    altered.fill(7, 256, 288);
    await writeFile(file, altered);
    const running = await restore("r-altered", set, "1", "time", after.at(-1) ?? "");
    const status = await eventually("the recovery ends", 90, async () => running.status?.toString());
    expect(status, running.output).toBe("1");
    expect(running.output).toContain(segment);
    await writeFile(file, whole);
    await startPrimary();
    expect(await rows(primary)).toBe("1 2 3 4 5");
  });

  /** The last commit until a time, and the first later one, as the WAL itself tells them. */
  const commitsAround = async (at: string): Promise<readonly { readonly lsn: string; readonly at: string }[]> => {
    const segment = (JSON.parse(await ask(agent, "switch-wal")) as { readonly switched: string }).switched;
    const path = await eventually(
      `${segment} is archived`,
      60,
      async () => new RegExp(`17-1/[0-9A-F]{16}/${segment}-[0-9a-f]{40}\\.zst`).exec(await ask(agent, "inspect"))?.[0] ?? false,
    );
    const { commits } = JSON.parse(await ask(agent, "commits", `${path}@=${at}`)) as {
      readonly commits: readonly { readonly lsn: string; readonly at: string }[];
    };
    const later = commits.findIndex((one) => one.at > at);
    return commits.slice(Math.max(later - 1, 0), later + 1);
  };
  const utcNow = (): Promise<string> =>
    lab.query(primary, "select to_char(clock_timestamp() at time zone 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.US\"Z\"')");

  test("a table that is dropped right after the moment can be read where recovery stops at the last commit before it", async () => {
    await lab.query(primary, "create table orders (id int); insert into orders select generate_series(1, 500); create table held (id int)");
    // This one has begun before the moment and ends after it: nobody can read the table before recovery goes on.
    const dropping = lab.query(primary, "drop table held; select pg_sleep(3)");
    const locks = "select count(*) from pg_locks where relation = to_regclass('held') and mode = 'AccessExclusiveLock' and granted";
    await eventually("the table is locked", 30, async () => (await lab.query(primary, locks)) === "1");
    await lab.query(primary, "insert into orders values (501)");
    const at = await utcNow();
    await lab.query(primary, "drop table orders");
    await dropping;
    const [before, after] = await commitsAround(at);
    if (before === undefined || after === undefined) throw new Error("there is a commit on either side");
    expect(before.at <= at && at < after.at, JSON.stringify([before, at, after])).toBe(true);
    await stop();
    const running = await restore("r-orders", set, "1", "lsn", before.lsn);
    expect((await atTarget(running)).reached).toMatchObject({ lastCommit: before.at });
    const { tables } = readExamination(await ask(running, "examine", "counts"));
    expect(tables).toContainEqual({ name: "public.orders", rows: 501, exact: true });
    expect(tables).toContainEqual({ name: "public.held", rows: undefined, exact: false });
    await ask(running, "decide", "discard");
    expect(await running.ended, running.output).toBe(0);
    await startPrimary();
  });
});
