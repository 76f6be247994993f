import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { parse } from "yaml";
import { readExamination } from "../../../src/adapters/kubernetes/backup-host/examination-answer.ts";
import type { Container } from "./container.ts";
import { eventually } from "./eventually.ts";
import { buildPlatform } from "./platform.ts";
import { PlatformLab } from "./platform-lab.ts";
import { hostArchitecture } from "./sources.ts";

interface Outcome {
  readonly id: number | null;
  readonly by: string;
  readonly verdict: "pass" | "fail";
  readonly message: string;
  readonly set: string;
  readonly timeline: number;
  readonly lastCommit: string | null;
  readonly bytes: number;
  readonly rtoSeconds: number;
  readonly rpoSeconds: number | null;
  readonly checks: readonly { readonly what: string; readonly verdict: string; readonly seen: string }[];
}

describe("a drill beside the primary, in the image that the chart runs", () => {
  let folder: string;
  let lab: PlatformLab;
  let primary: Container;
  let agent: Container;
  let set: string;
  let serial = 0;
  /** The moment after the first of two rows. */
  let between = "";

  const ask = async (container: Container, ...args: readonly string[]): Promise<string> =>
    (await container.exec("postgres-entrypoint", ...args)).trim();
  const utcNow = (): Promise<string> =>
    lab.query(primary, "select to_char(clock_timestamp() at time zone 'UTC', 'YYYY-MM-DD HH24:MI:SS.US+00')");
  /** Each drill has a volume of its own, as an ephemeral one is. */
  const scratch = (...args: readonly string[]): Promise<Container> => {
    serial += 1;
    return lab.postgres(`drill-${serial}`, args, { repository: "postgres", scratch: true });
  };
  const drill = async (
    ...args: readonly string[]
  ): Promise<{ readonly code: number; readonly outcome: Outcome; readonly output: string }> => {
    const container = await scratch("drill", ...args);
    const code = await container.ended;
    const document = /^\{"drill":.*$/m.exec(container.output)?.[0];
    if (document === undefined) throw new Error(container.output);
    return { code, outcome: (JSON.parse(document) as { readonly drill: Outcome }).drill, output: container.output };
  };
  const recorded = (id: number | null): Promise<string> =>
    lab.query(primary, `select concat_ws(' ', asked_by, status, message) from ops.drill where id = ${id}`);
  const archived = async (): Promise<string> => {
    const segment = (JSON.parse(await ask(agent, "switch-wal")) as { readonly switched: string }).switched;
    await eventually(`${segment} is archived`, 60, async () => (await ask(agent, "inspect")).includes(segment));
    return segment;
  };
  const archive = async (): Promise<readonly string[]> =>
    (await readdir(join((await lab.postgresVolumes("postgres"))["/var/lib/pgbackrest"], "archive"), { recursive: true })).toSorted();
  /** What is in the archive of a timeline that the primary never wrote. */
  const foreign = async (): Promise<readonly string[]> => (await archive()).filter((name) => /\/00000002(?:\.history|0)/.test(name));

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "platform-drill-"));
    await buildPlatform({ release: "1.0.0", out: join(folder, "1.0.0"), images: ["postgres"], platforms: [hostArchitecture] });
    lab = await PlatformLab.open(join(folder, "1.0.0"), join(folder, "lab"));
    await lab.pods.address("postgres");
    primary = await lab.postgres("postgres", ["primary"]);
    await lab.postgresReady(primary);
    agent = await lab.postgres("postgres", ["backup-agent"], { name: "agent" });
    await eventually("the agent runs", 30, () => ask(agent, "volumes"));
    await lab.query(
      primary,
      "create table migration.pattern (id int primary key, embedding vector(3) not null);" +
        "insert into migration.pattern select i, array[sin(i), cos(i), sin(i * 2)]::vector from generate_series(1, 2000) i;" +
        "create index pattern_embedding on migration.pattern using hnsw (embedding vector_cosine_ops)",
    );
    const { request } = JSON.parse(
      await eventually("a full backup is asked for", 60, () => ask(agent, "ask-backup", "full", "test").catch(() => false)),
    ) as { readonly request: number };
    set = await eventually(
      "the full backup is made",
      90,
      async () => /"label" : "([0-9F-]+)"/.exec(await ask(agent, "backup-state", String(request)))?.[1] ?? false,
    );
    await lab.query(primary, "create table migration.marker (id int primary key); insert into migration.marker values (1)");
    between = await utcNow();
    await lab.query(primary, "insert into migration.marker values (2)");
    await archived();
  }, 300_000);

  afterAll(async () => {
    await lab?.pods.close();
    await rm(folder, { recursive: true, force: true });
  }, 60_000);

  test("restores everything that is archived, asks it, measures, and tells the primary; nothing is archived by it", async () => {
    const { code, outcome, output } = await drill();
    expect(code, output).toBe(0);
    expect(outcome).toMatchObject({ by: "schedule", verdict: "pass", message: "", set, timeline: 1 });
    expect(outcome.checks.map(({ what, verdict }) => [what, verdict])).toEqual(
      ["tables", "schema", "indexes", "vector-indexes", "sequences", "heartbeat", "redis"].map((what) => [what, "pass"]),
    );
    expect(outcome.checks[0]?.seen).toBe("2 tables, 2002 rows");
    expect(outcome.checks[3]?.seen).toMatch(/^migration\.pattern_embedding gives the nearest for [23] of 3 vectors$/);
    expect(outcome.rtoSeconds).toBeGreaterThan(0);
    expect(outcome.rpoSeconds).toBeGreaterThanOrEqual(0);
    expect(outcome.bytes).toBeGreaterThan(1_000_000);
    expect(await recorded(outcome.id)).toBe("schedule passed");
    expect(await foreign()).toEqual([]);
    expect(await lab.query(primary, "select timeline_id from pg_control_checkpoint()")).toBe("1");
  });

  test("is told to the monitoring by the chart's own query", async () => {
    const file = join(import.meta.dirname, "../../../templates/chart/files/postgres-exporter-queries.yaml");
    const { pg_restore_drill: drills } = parse(await readFile(file, "utf8")) as Readonly<Record<string, { readonly query: string }>>;
    const [age, failed, rto] = (await lab.query(primary, `set role monitoring; ${drills?.query ?? ""}`)).split("|").map(Number);
    expect(failed).toBe(0);
    expect(age).toBeGreaterThan(0);
    expect(rto).toBeGreaterThan(0);
  });

  test("goes to a moment that was worked out elsewhere, and looks into every index and page when asked", async () => {
    const { code, outcome, output } = await drill("--by", "anna@jump-1", "--thorough", "--newest", between, set, "1", "time", between);
    expect(code, output).toBe(0);
    expect(outcome).toMatchObject({ by: "anna@jump-1", verdict: "pass" });
    expect(outcome.checks.slice(-2)).toMatchObject([
      { what: "pages", verdict: "pass", seen: expect.stringMatching(/^\d+ tables and B-trees read, nothing wrong$/) },
      { what: "checksums", verdict: "pass", seen: expect.stringMatching(/^\d+ pages/) },
    ]);
    expect(outcome.checks[0]?.seen).toBe("2 tables, 2001 rows");
    expect(outcome.rpoSeconds).toBeGreaterThan(0);
    expect(await recorded(outcome.id)).toBe("anna@jump-1 passed");
    expect(await foreign()).toEqual([]);
  });

  test("goes to the very heartbeat that is the last commit, of which Postgres does not tell the time", async () => {
    await lab.query(primary, "select ops.beat()");
    const lsn = await lab.query(primary, "select pg_current_wal_lsn() - 1");
    await archived();
    const { code, outcome, output } = await drill(set, "1", "lsn", lsn);
    expect(code, output).toBe(0);
    expect(outcome.checks.find(({ what }) => what === "heartbeat")).toMatchObject({ verdict: "pass" });
  });

  /** What a drill makes of answers of a recovered database: the checks that fail, and what they say. */
  const failedChecks = async (depth: string, ...documents: readonly object[]): Promise<Readonly<Record<string, string>>> => {
    const lines = documents.map((document) => JSON.stringify(document));
    await primary.exec("sh", "-c", 'printf "%s\\n" "$@" >/tmp/examined.json', "sh", ...lines);
    const given = ["-v", `depth=${depth}`, "-v", "last=2026-11-30T10:00:30.000000Z", "-v", "until=2026-11-30 10:00:31.000000+00"];
    const socket = ["-h", "/var/run/postgresql", "-U", "postgres", "-d", "postgres"];
    const judged = await primary.exec("psql", "-X", "-q", "-A", "-t", ...socket, ...given, "-f", "/usr/local/share/postgres/drill.sql");
    const checks = JSON.parse(judged) as Outcome["checks"];
    return Object.fromEntries(checks.filter(({ verdict }) => verdict === "fail").map(({ what, seen }) => [what, seen]));
  };

  test("fails on each thing that a recovered database may not answer, and on nothing else", async () => {
    const table = { table: { name: "migration.a", rows: 3, exact: true } };
    const vectors = (agreed: number) => ({ vectorIndex: { index: "migration.a_embedding", sampled: 3, agreed } });
    const redis = { redis: { asOf: "2026-11-30T09:00:00Z", version: "7.0.15", keys: 4, bytes: 200, sha256: "0".repeat(64) } };
    const parts = (bytes: number, altered: number) => ({ redisParts: { bytes, altered } });
    const beat = (at: string) => ({ heartbeat: { at, advances: false } });
    const soundBeat = beat("2026-11-30T10:00:00.000000Z");
    const sound = [
      table,
      { schemaRevision: "0002" },
      vectors(2),
      redis,
      parts(200, 0),
      soundBeat,
      { sequenceBehind: "migration.a_id_seq" },
    ];
    expect(await failedChecks("quick", ...sound)).toEqual({});
    expect(await failedChecks("thorough", ...sound, { pages: { looked: 5, corrupt: [] } })).toEqual({});
    expect(await failedChecks("quick", table)).toEqual({ heartbeat: "there is none" });
    const failures = [
      { failure: { what: "tables", message: `migration."b": invalid page in block 3` } },
      { failure: { what: "tables", message: "migration.c: gone" } },
      { failure: { what: "sequences", message: "migration.c_id_seq: gone" } },
    ];
    const corrupt = [{ object: "migration.a", message: "block 1: line pointer" }];
    expect(
      await failedChecks(
        "thorough",
        ...[...failures, table, { invalidIndex: "migration.a_pkey" }, vectors(1), redis, parts(100, 1)],
        ...[beat("2026-11-30T09:40:00.000000Z"), { pages: { looked: 5, corrupt } }],
      ),
    ).toEqual({
      tables: `migration."b": invalid page in block 3; migration.c: gone`,
      indexes: "not valid: migration.a_pkey",
      "vector-indexes": "migration.a_embedding gives the nearest for 1 of 3 vectors",
      sequences: "migration.c_id_seq: gone",
      heartbeat: "it is of 2026-11-30 09:40:00, the last commit of 2026-11-30 10:00:30, and the time that was aimed at 2026-11-30 10:00:31",
      redis: "100 of 200 bytes are there, 1 parts are not as they were written",
      pages: "migration.a: block 1: line pointer",
    });
    const unused = { vectorIndex: { index: "migration.a_embedding", sampled: 1, agreed: 0, error: "the planner does not use it" } };
    expect(await failedChecks("thorough", table, unused, beat("2026-11-30T10:00:32.000000Z"))).toEqual({
      "vector-indexes": "migration.a_embedding: the planner does not use it",
      heartbeat: expect.stringContaining("it is of 2026-11-30 10:00:32,"),
      pages: "not read: the database has no amcheck",
    });
  });

  test("that is cut off is told by the next one", async () => {
    const cut = await scratch("drill", "--by", "cut");
    await eventually(
      "the drill has begun",
      30,
      async () => (await lab.query(primary, "select count(*) from ops.drill where asked_by = 'cut'")) === "1",
    );
    await cut.kill();
    const { code, outcome } = await drill("--by", "cut");
    expect(code).toBe(0);
    expect(await recorded((outcome.id ?? 0) - 1)).toBe("cut failed it was cut off");
    expect(await recorded(outcome.id)).toBe("cut passed");
  });

  test("fails where the archive does not reach the moment, and says so in the primary", async () => {
    const { code, outcome, output } = await drill(set, "1", "time", "2099-01-01 00:00:00.000000+00");
    expect(code, output).toBe(1);
    expect(outcome).toMatchObject({ verdict: "fail", message: expect.stringContaining("before configured recovery target was reached") });
    expect(await recorded(outcome.id)).toContain("schedule failed Postgres ended before the target was reached");
  });

  test("fails on what should not be, and tells which check it was", async () => {
    await lab.query(primary, "update pg_index set indisvalid = false where indexrelid = 'migration.pattern_embedding'::regclass");
    await archived();
    const { code, outcome, output } = await drill();
    expect(code, output).toBe(1);
    expect(outcome.checks.filter(({ verdict }) => verdict === "fail")).toEqual([
      { what: "indexes", verdict: "fail", seen: "not valid: migration.pattern_embedding" },
    ]);
    await lab.query(primary, "update pg_index set indisvalid = true where indexrelid = 'migration.pattern_embedding'::regclass");
    await archived();
    expect((await drill()).code).toBe(0);
  });

  test("waits at a moment for whoever wants to look, while the primary goes on, and is thrown away when told", async () => {
    const preview = await scratch("restore", "preview", set, "1", "time", between);
    await eventually("it waits at its target", 60, async () => {
      if (preview.status !== undefined) throw new Error(preview.output);
      return (await ask(preview, "restore-state").catch(() => "")).includes('"phase":"paused"');
    });
    expect(await lab.query(preview, "select count(*) from migration.marker")).toBe("1");
    expect(await lab.query(primary, "select count(*) from migration.marker")).toBe("2");
    await expect(lab.query(preview, "insert into migration.marker values (3)")).rejects.toThrow(/read-only transaction/);
    const { tables, failures } = readExamination(await ask(preview, "examine", "quick"));
    expect(tables).toContainEqual({ name: "migration.marker", rows: 1, exact: true });
    expect(failures).toEqual([]);
    expect(await lab.query(primary, "select count(*) from ops.reader"), "it has read what it needs").toBe("0");
    await ask(preview, "decide", "discard");
    expect(await preview.ended, preview.output).toBe(0);
  });

  test("needs no primary when the moment is given; without one it cannot know what is newest", async () => {
    expect(await agent.stop(), agent.output).toBe(0);
    expect(await primary.stop(), primary.output).toBe(0);
    const { code, outcome, output } = await drill(set, "1", "time", between);
    expect(code, output).toBe(0);
    expect(outcome.id).toBeNull();
    expect((await drill()).outcome).toMatchObject({ verdict: "fail", message: expect.stringContaining("the primary does not answer") });
  }, 240_000);

  test("finds a hole in the archive, which pgBackRest's own verify does not", async () => {
    primary = await lab.postgres("postgres", ["primary"], { name: "postgres-again" });
    await lab.postgresReady(primary);
    agent = await lab.postgres("postgres", ["backup-agent"], { name: "agent-again" });
    await lab.query(primary, "insert into migration.marker values (4)");
    const missing = await archived();
    await lab.query(primary, "insert into migration.marker values (5)");
    await archived();
    const gone = (await archive()).find((name) => name.includes(`/${missing}-`));
    await rm(join((await lab.postgresVolumes("postgres"))["/var/lib/pgbackrest"], "archive", gone ?? "?"));
    const { code, outcome, output } = await drill();
    expect(code, output).toBe(1);
    expect(outcome.message).toMatch(/^the archive has a hole: nothing can be replayed after/);
  }, 240_000);

  test("while somebody reads the repository no backup is taken away; afterwards the next one clears up", async () => {
    const labels = async (): Promise<readonly string[]> =>
      [...(await ask(agent, "inspect")).matchAll(/"label":"(\d{8}-\d{6}F)"/g)].map((match) => match[1] ?? "");
    const full = async (): Promise<void> => {
      const { request } = JSON.parse(await ask(agent, "ask-backup", "full", "test")) as { readonly request: number };
      await eventually("a full backup", 90, async () => (await ask(agent, "backup-state", String(request))).includes("succeeded"));
    };
    await lab.query(primary, "select ops.hold_sets('preview')");
    await full();
    await full();
    expect(await labels()).toContain(set);
    await lab.query(primary, "select ops.release_sets('preview')");
    await full();
    expect(await labels()).not.toContain(set);
  }, 240_000);
});
