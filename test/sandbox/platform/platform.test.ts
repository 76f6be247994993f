import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { readReplication, replicationQuery } from "../../../src/adapters/kubernetes/backup-host/replication-state.ts";
import type { Container } from "./container.ts";
import { eventually } from "./eventually.ts";
import { buildPlatform } from "./platform.ts";
import { PlatformLab } from "./platform-lab.ts";
import { hostArchitecture } from "./sources.ts";

interface Assessment {
  readonly status: string;
  readonly strategy: string;
  readonly trail: readonly {
    readonly component: string;
    readonly pod: string;
    readonly action: string;
    readonly detail: Readonly<Record<string, unknown>>;
  }[];
  readonly patterns: readonly { readonly name: string; readonly distance: number }[];
  readonly classification: { readonly server: string; readonly strategy: string };
  readonly crewState: { readonly phase: string; readonly source: string };
}

describe("the images of release 1.0.0, under the restrictions of the chart", () => {
  let folder: string;
  let lab: PlatformLab;
  let primary: Container;
  let redis: Container;
  let agent: Container;
  let worker: Container;

  const assessment = async (id: string, tenant = "default"): Promise<Assessment> =>
    (await lab.pods.http("backend", `/api/v1/assessments/${id}`, 8000, undefined, [`X-Tenant-Id: ${tenant}`])).json as Assessment;
  const completed = (id: string, tenant?: string): Promise<Assessment> =>
    eventually(`assessment ${id} is completed`, 60, async () => {
      const found = await assessment(id, tenant);
      return found.status === "completed" && found;
    });

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "platform-"));
    for (const release of ["1.0.0", "1.1.0", "2.0.0"]) {
      await buildPlatform({ release, out: join(folder, release), platforms: [hostArchitecture] });
    }
    lab = await PlatformLab.open(join(folder, "1.0.0"), join(folder, "lab"));
    for (const pod of ["postgres", "pgbouncer", "redis", "state-manager", "mcp", "backend", "worker", "frontend", "postgres-replica-0"])
      await lab.pods.address(pod);
    primary = await lab.postgres("postgres", ["primary"]);
    redis = await lab.redis("redis", "server");
    await lab.postgresReady(primary);
    agent = await lab.postgres("postgres", ["backup-agent"], { name: "agent" });
    await lab.pgbouncer();
    const migrations = await lab.backend("migrations", "app.migrate", { DB_HOST: "postgres" });
    expect(await migrations.ended, migrations.output).toBe(0);
    const states = await lab.backend("state-manager", "app.services.crewai_flows.state_manager");
    const mcp = await lab.backend("mcp", "mcp_server", {}, { image: "mcp-assessment-tools" });
    const api = await lab.backend("backend", "app.server", { DB_READ_HOST: "postgres-replica-0" });
    worker = await lab.backend("worker", "app.workers.crewai_worker");
    await lab.httpReady(states, "state-manager", "/health", 8001);
    await lab.httpReady(mcp, "mcp", "/health", 8080);
    await lab.httpReady(api, "backend", "/health/ready", 8000);
    await lab.httpReady(worker, "worker", "/health", 8002);
  }, 600_000);

  afterAll(async () => {
    await lab?.pods.close();
    await rm(folder, { recursive: true, force: true });
  }, 60_000);

  test("the API tells its version, the schema's revision and the state of the database and the cache", async () => {
    const get = async (path: string): Promise<unknown> => (await lab.pods.http("backend", path, 8000)).json;
    expect(await get("/api/v1/version")).toEqual({ version: "1.0.0", schemaRevision: "0002", releaseSchemaRevision: "0002" });
    expect(await get("/api/v1/health/database")).toMatchObject({
      postgresql: { status: "connected", replicas: 0, vector: expect.stringMatching(/^\d/) },
    });
    await lab.pods.http("backend", "/api/v1/cache/test", 8000, { key: "colour", value: "green" });
    expect(await get("/api/v1/cache/colour")).toEqual({ colour: "green" });
    expect(await get("/api/v1/tenant/acme/config")).toMatchObject({ branding: { brandColour: "#00aa55" }, features: { reports: true } });
    expect((await lab.pods.http("backend", "/api/v1/tenant/nobody/config", 8000)).status).toBe(404);
    expect((await lab.pods.http("backend", "/metrics", 8000)).text).toContain(
      'migrate_release_info{schema_revision="0002",version="1.0.0"} 1.0',
    );
  });

  test("an assessment goes through queue, worker, tools and vector search, and its trail says so", async () => {
    const id = await lab.assess("COBOL batch with CICS and VSAM on a mainframe, nightly JCL");
    const found = await completed(id);
    expect(found.trail.map(({ component, pod, action }) => `${component} ${pod}: ${action}`)).toEqual([
      "backend backend: accepted",
      "worker worker: started",
      "worker worker: pattern stored",
      "worker worker: patterns searched",
      "worker worker: completed",
    ]);
    expect(found.patterns[0]).toMatchObject({ name: "COBOL batch on a mainframe" });
    expect(found.patterns.map(({ distance }) => distance)).toEqual(
      found.patterns.map(({ distance }) => distance).toSorted((a, b) => a - b),
    );
    expect(found).toMatchObject({ strategy: "refactor", classification: { server: "assessment-tools", strategy: "refactor" } });
    await eventually("the crew state is completed", 10, async () => (await assessment(id)).crewState.phase === "completed");
  });

  test("a tenant sees its own assessments and the vendor's catalogue only", async () => {
    const id = await lab.assess("Perl and cron scripts", "acme");
    await completed(id, "acme");
    expect((await lab.pods.http("backend", `/api/v1/assessments/${id}`, 8000)).status).toBe(404);
    expect(await lab.query(primary, "set role migration_app; select count(*) from migration.assessment")).toBe("0");
  });

  test("a worker killed in the middle loses nothing: another one takes the assessment over", async () => {
    expect(await worker.stop(), worker.output).toBe(0);
    const slow = await lab.backend("worker", "app.workers.crewai_worker", { CREW_STEP_SECONDS: "30" });
    const id = await lab.assess("Oracle PL/SQL packages and triggers");
    await eventually("the slow worker has it", 60, async () => (await assessment(id)).status === "running");
    await slow.kill();
    worker = await lab.backend("worker-2", "app.workers.crewai_worker");
    const found = await completed(id);
    expect(found.trail.map(({ pod, action, detail }) => `${pod} ${action} ${detail["attempt"] ?? ""}`.trim())).toEqual(
      expect.arrayContaining(["worker started 1", "worker-2 started 2", "worker-2 completed"]),
    );
  });

  test("a worker that is told to end while Redis does not answer ends well within its grace", async () => {
    const lonely = await lab.backend("worker-3", "app.workers.crewai_worker");
    await lab.httpReady(lonely, "worker-3", "/health", 8002);
    await redis.signal("SIGSTOP");
    try {
      expect(await lonely.stop(60), lonely.output).toBe(0);
    } finally {
      await redis.signal("SIGCONT");
    }
    expect(lonely.output).toMatch(/taken back when (its|the) heartbeat has ended/);
  });

  test("the frontend serves the page, its runtime settings and the API, with security headers", async () => {
    const frontend = await lab.pods.start("frontend", "frontend", {
      env: { BACKEND_UPSTREAM: `http://${await lab.pods.address("backend")}:8000` },
      readOnly: {
        "/etc/migrate-platform/frontend": await lab.pods.files("frontend-config", {
          "api-base-url": "/",
          environment: "test",
          "feature-flags": "{}",
        }),
      },
    });
    await lab.httpReady(frontend, "frontend", "/ready", 8080);
    const page = await lab.pods.http("frontend", "/", 8080);
    expect(page.text).toMatch(/Content-Security-Policy: default-src 'self'/);
    expect(page.text).toMatch(/Cache-Control: public, max-age=300\r/);
    const asset = /\/assets\/app\.[0-9a-f]{10}\.js/.exec(page.text)?.[0] ?? "no asset";
    expect((await lab.pods.http("frontend", asset, 8080)).text).toMatch(/Cache-Control: public, max-age=31536000, immutable\r/);
    expect((await lab.pods.http("frontend", "/config/environment", 8080)).text).toMatch(/\r\n\r\ntest$/);
    expect((await lab.pods.http("frontend", "/config/feature-flags", 8080)).json).toEqual({});
    expect((await lab.pods.http("frontend", "/api/v1/version", 8080)).json).toMatchObject({ version: "1.0.0" });
    // Out of service: the API says when to come again, and people see a page.
    const [api, home] = [await lab.pods.http("frontend", "/api/v1/version", 8081), await lab.pods.http("frontend", "/anything", 8081)];
    expect([api.status, api.json]).toMatchObject([503, { error: "maintenance" }]);
    expect([home.status, home.text]).toEqual([503, expect.stringContaining("Back in a moment")]);
    expect(home.text).toMatch(/Retry-After: 30\r/);
    expect(await frontend.stop(10)).toBe(0);
  });

  test("a backup that is asked for is made, recorded, and its outcome returned to who asked", async () => {
    const request = await lab.postgres("backup", ["backup-request", "full"]);
    expect(await request.ended, request.output + agent.output).toBe(0);
    // Before it the agent may have made the first one by itself.
    expect(
      await lab.query(primary, "select status || ' ' || type || ' ' || label from ops.backup_request order by id desc limit 1"),
    ).toMatch(/^succeeded full \d{8}-\d{6}F$/);
    expect(await (await lab.postgres("backup-2", ["backup-request", "weekly"])).ended).toBe(64);
    const beats = Number(await lab.query(primary, "select beats from ops.heartbeat"));
    await eventually("the heart beats on", 45, async () => Number(await lab.query(primary, "select beats from ops.heartbeat")) > beats);
  });

  test("the repository tells its sets, its archive and the commits in it, and takes up a backup that was asked for", async () => {
    const ask = async (...args: readonly string[]): Promise<readonly Record<string, never>[]> =>
      (await agent.exec("postgres-entrypoint", ...args))
        .trim()
        .split("\n")
        .map((line) => JSON.parse(line) as Record<string, never>);
    // Each begins with a commit of its own, so that what is asked for right afterwards has something to switch, too.
    const [segment = "", again = ""] = [await ask("switch-wal"), await ask("switch-wal")].map(([switched]) =>
      String(switched?.["switched"]),
    );
    expect(again > segment, `${segment} ${again}`).toBe(true);
    await eventually("both segments are archived", 60, async () => JSON.stringify(await ask("inspect")).includes(again));
    const found = await eventually("the segment is archived", 60, async () => {
      const documents = await ask("inspect");
      return JSON.stringify(documents).includes(segment) && documents;
    });
    expect(found).toEqual(
      expect.arrayContaining([
        { primary: expect.objectContaining({ systemId: expect.stringMatching(/^\d+$/), timeline: 1, inRecovery: false }) },
        {
          info: [
            expect.objectContaining({
              name: "main",
              backup: expect.arrayContaining([expect.objectContaining({ type: "full", error: false })]),
            }),
          ],
        },
        { archive: expect.objectContaining({ "archive.info": expect.objectContaining({ type: "file" }) }) },
      ]),
    );
    const commit = { lsn: expect.any(String), at: expect.stringMatching(/^\d{4}-.*Z$/) };
    const path = new RegExp(`17-1/0000000100000000/${segment}-[0-9a-f]{40}\\.zst`).exec(JSON.stringify(found))?.[0] ?? "";
    const [whole, lost] = await ask("commits", path, "17-1/0000000900000000/0000000900000000000000FF-aa.zst");
    expect(whole).toEqual({ segment, commits: [commit, commit] });
    expect(lost).toEqual({ segment: "0000000900000000000000FF", error: expect.stringContaining("missing file") });
    const lsns = (document: Record<string, never> | undefined) => JSON.stringify(document).match(/[0-9A-F]+\/[0-9A-F]{8}/g) ?? [];
    const [begin = "", end = ""] = lsns(whole);
    // The neighbours of the last commit are the one before it and itself; nothing stands before the first.
    const [around] = await ask("commits", `${path}@${end}@${begin}`);
    expect(lsns(around)).toEqual([...new Set([begin, ...lsns(around).slice(1, -1), end])]);
    expect(lsns(around).length).toBeGreaterThanOrEqual(2);
    const [first] = await ask("ask-backup", "incr", "somebody");
    expect(await ask("ask-backup", "incr", "somebody")).toEqual([first]);
    const state = await eventually("the backup is made", 60, async () => {
      const [document] = await ask("backup-state", String(first?.["request"]));
      return JSON.stringify(document).includes("succeeded") && document;
    });
    expect(state).toMatchObject({ request: { type: "incr", exitCode: 0, label: expect.stringMatching(/^\d{8}-\d{6}F_\d{8}-\d{6}I$/) } });
    expect(await agent.exec("postgres-entrypoint", "verify")).toMatch(/status: ok/);
  });

  test("a primary with an empty volume beside a repository that holds backups refuses to found a new cluster", async () => {
    const stranger = await lab.postgres("stranger", ["primary"], { repository: "postgres" });
    expect(await stranger.ended).toBe(65);
    expect(stranger.output).toContain("Restore instead (migratectl backup restore)");
  });

  test("a replica killed while it clones begins anew, then streams and serves the vector searches", async () => {
    const data = (await lab.postgresVolumes("postgres-replica-0"))["/var/lib/postgresql/data"] ?? "";
    const first = await lab.postgres("postgres-replica-0", ["replica"]);
    await eventually("the clone has begun", 60, async () => (await readdir(data)).some((name) => name.endsWith(".unfinished")));
    await first.kill();
    expect((await readdir(data)).filter((name) => name === "current")).toEqual([]);

    const second = await lab.postgres("postgres-replica-0", ["replica"]);
    await lab.postgresReady(second);
    expect((await readdir(data)).filter((name) => name.endsWith(".unfinished"))).toEqual([]);
    await eventually("it streams", 30, async () => (await lab.query(primary, "select state from pg_stat_replication")) === "streaming");
    expect((await lab.pods.http("backend", "/api/v1/health/database", 8000)).json).toMatchObject({ postgresql: { replicas: 1 } });
    expect(readReplication(await lab.query(primary, replicationQuery))).toMatchObject({
      replicas: [{ state: "streaming", lagBytes: expect.any(Number) }],
      slots: [{ active: true, lost: false, keptBytes: expect.any(Number) }],
    });

    expect(await worker.stop(), worker.output).toBe(0);
    worker = await lab.backend("worker-3", "app.workers.crewai_worker", { DB_READ_HOST: "postgres-replica-0" });
    const found = await completed(await lab.assess("Message broker MQ"));
    expect(found.trail.find(({ action }) => action === "patterns searched")?.detail).toMatchObject({ on: "replica" });
    expect(await second.stop()).toBe(0);
  });

  test("a changed password is in force after the primary has been restarted, and data stays", async () => {
    const before = await lab.query(primary, "select count(*) from migration.assessment_event");
    const secret = await lab.postgresSecret({ "backup-password": "rotated" });
    expect(await primary.stop()).toBe(0);
    primary = await lab.postgres("postgres", ["primary"], { secret });
    await lab.postgresReady(primary);
    await eventually("the passwords are set", 30, async () => primary.output.includes("role passwords are those of the secret"));
    expect(await lab.query(primary, "select count(*) from migration.assessment_event")).toBe(before);
    const request = await lab.postgres("backup-3", ["backup-request", "incr"], { secret });
    expect(await request.ended, request.output).toBe(0);
    await eventually("the API is ready again", 60, async () => (await lab.pods.http("backend", "/health/ready", 8000)).status === 200);
  });

  test("the exporter reads the database as the role monitoring", async () => {
    const exporter = await lab.pods.start("exporter", "postgres-exporter", {
      env: {
        DATA_SOURCE_URI: "postgres:5432/migration?sslmode=disable",
        DATA_SOURCE_USER: "monitoring",
        DATA_SOURCE_PASS_FILE: "/run/secrets/migrate-platform/postgres-credentials/monitoring-password",
      },
      args: [],
      readOnly: await lab.postgresSecret(),
    });
    await eventually("pg_up is 1", 60, async () => (await lab.pods.http("exporter", "/metrics", 9187)).text.includes("\npg_up 1\n"));
    await exporter.stop();
  });

  test("a migration gives up waiting for a lock behind which everybody else would wait, says so, and leaves nothing of itself", async () => {
    const held = lab.query(primary, "begin; lock table migration.assessment in access share mode; select pg_sleep(86400)");
    const ended = held.catch(() => "terminated");
    const holder = "from pg_stat_activity where query like 'begin; lock table%' and pid <> pg_backend_pid()";
    await eventually(
      "the lock is held",
      30,
      async () => (await lab.query(primary, `select count(*) ${holder} and wait_event = 'PgSleep'`)) === "1",
    );
    const patient = { DB_HOST: "postgres", PGOPTIONS: "-c lock_timeout=1s" };
    const refused = await lab.backend("migrate-locked", "app.migrate", patient, { layout: join(folder, "1.1.0") });
    expect(await refused.ended, refused.output).toBe(1);
    expect(refused.output.trim().split("\n").at(-1)).toContain("a migration failed: canceling statement due to lock timeout");
    expect(await lab.query(primary, "select version_num from migration.alembic_version")).toBe("0002");
    await lab.query(primary, `select pg_terminate_backend(pid) ${holder}`);
    expect(await ended).toBe("terminated");
  });

  test("2.0.0 refuses the schema of 1.0.0; 1.1.0 expands it under running pods of 1.0.0; 2.0.0 runs on that, and then contracts it", async () => {
    const migrate = (release: string, ...args: readonly string[]): Promise<Container> =>
      lab.backend(`migrate-${release}-${args.length}`, "app.migrate", { DB_HOST: "postgres" }, { layout: join(folder, release), args });
    const tooEarly = await migrate("2.0.0");
    expect(await tooEarly.ended).toBe(3);
    expect(tooEarly.output).toContain("install release 1.1.0 first");

    expect(await (await migrate("1.1.0")).ended).toBe(0);
    expect((await lab.pods.http("backend", "/health/ready", 8000)).json).toMatchObject({ status: "ready" });
    await completed(await lab.assess("still 1.0.0 code on the schema of 1.1.0"));
    expect(await lab.query(primary, "select count(*) from migration.assessment where status = 'completed' and outcome is null")).toBe("0");

    const stopped = await migrate("2.0.0", "--to", "0003");
    expect(await stopped.ended, stopped.output).toBe(0);
    const next = await lab.backend("next", "app.server", {}, { layout: join(folder, "2.0.0") });
    await lab.httpReady(next, "next", "/health/ready", 8000);
    expect((await lab.pods.http("next", "/api/v1/version", 8000)).json).toMatchObject({ version: "2.0.0", schemaRevision: "0003" });
    expect(await next.stop(30)).toBe(0);
    expect((await lab.pods.http("backend", "/health/ready", 8000)).json).toMatchObject({ status: "ready" });

    expect(await (await migrate("2.0.0")).ended).toBe(0);
    expect((await lab.pods.http("backend", "/health/ready", 8000)).json).toMatchObject({ status: "not ready" });
    const back = await lab.backend("migrate-back", "app.migrate", { DB_HOST: "postgres" });
    expect(await back.ended).toBe(3);
  });

  test("no output of any container holds a password", () => {
    const all = lab.pods.output();
    for (const password of Object.values(lab.passwords)) expect(all).not.toContain(password);
  });
});
