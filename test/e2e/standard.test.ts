import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import { network } from "../sandbox/index.ts";
import { until } from "../sandbox/until.ts";
import { answersFile } from "./support/answers.ts";
import { howItEnded, kubectl, migratectl } from "./support/site.ts";
import { StandardRelease, smallerRequests } from "./support/standard.ts";

const site = inject("site");
const namespace = "standard";
const release = new StandardRelease(site, namespace);
const redisPods = ["redis-0", "redis-1", "redis-2"];
let answers = "";

beforeAll(async () => {
  answers = await answersFile(site, "standard", { profile: "standard", release: { namespace }, values: smallerRequests });
});
// The next file finds the node free, also when a test of this one has failed.
afterAll(async () => {
  await kubectl(site, "uncordon", network.nodeName);
  const gone = await run("uninstall", "--delete-data", "--confirm", "migrate-platform", "--yes");
  expect(gone.code, howItEnded(gone)).toBe(0);
  await kubectl(site, "delete", "namespace", namespace, "--wait=false");
});

const run = (...args: readonly string[]) => migratectl(site, [...args, "--answers", answers]);
const secondsSince = (started: number) => `${((performance.now() - started) / 1000).toFixed(1)} s`;

describe("profile standard, with Sentinel, a Postgres replica and the agent pool", () => {
  it("is installed and passes the smoke test", async () => {
    const started = performance.now();
    const ended = await run("install", "--airgap", "--bundle", site.bundle, "--yes");
    expect(ended.code, howItEnded(ended)).toBe(0);
    console.log(`profile standard was installed and smoke-tested after ${secondsSince(started)}`);
  });

  it("has every pod ready in a namespace that enforces Pod Security restricted", async () => {
    const labels = await kubectl(site, "get", "namespace", namespace, "-o", "jsonpath={.metadata.labels}");
    expect(JSON.parse(labels)).toMatchObject({ "pod-security.kubernetes.io/enforce": "restricted" });
    const { ready, others } = await release.pods();
    expect(others).toEqual([]);
    expect(ready).toEqual(expect.arrayContaining([...redisPods, "postgres-0", "postgres-replica-0"]));
    const count = (prefix: string) => ready.filter((name) => new RegExp(`^${prefix}-[0-9a-z]+-[0-9a-z]{5}$`).test(name)).length;
    expect(
      Object.fromEntries(["frontend", "backend", "worker", "agent-pool", "state-manager", "pgbouncer"].map((name) => [name, count(name)])),
    ).toEqual({ frontend: 2, backend: 2, worker: 2, "agent-pool": 2, "state-manager": 2, pgbouncer: 2 });
  });
});

describe("its Postgres", () => {
  it("took every setting and every rule of pg_hba without a complaint, and its memory from the pod's", async () => {
    for (const pod of ["postgres-0", "postgres-replica-0"]) {
      expect(
        await release.sql(
          pod,
          "select coalesce(string_agg(name || ': ' || error, ', '), 'none') from pg_file_settings where error is not null",
        ),
      ).toBe("none");
      expect(await release.sql(pod, "select count(*) from pg_settings where pending_restart")).toBe("0");
      expect(
        await release.sql(pod, "select coalesce(string_agg(error, ', '), 'none') from pg_hba_file_rules where error is not null"),
      ).toBe("none");
      const methods = "select string_agg(distinct auth_method, ',' order by auth_method) from pg_hba_file_rules where type like 'host%'";
      expect(await release.sql(pod, methods)).toBe("reject,scram-sha-256");
    }
    const memory =
      "select pg_size_bytes(current_setting('shared_buffers')) / 1048576 || ' ' || pg_size_bytes(current_setting('effective_cache_size')) / 1048576";
    expect(await release.sql("postgres-0", memory)).toBe("512 1536");
    expect(await release.sql("postgres-replica-0", memory)).toBe("256 768");
    expect(await release.sql("postgres-0", "show data_checksums")).toBe("on");
  });

  it("streams to the replica, which catches up with what was just written", async () => {
    expect(
      await release.sql(
        "postgres-0",
        "select application_name || ' ' || state from pg_stat_replication where application_name like 'postgres_replica%'",
      ),
    ).toBe("postgres_replica_0 streaming");
    const written = await release.sql("postgres-0", "select pg_logical_emit_message(true, 'standard', 'a write')");
    const caughtUp = async () =>
      (await release.sql("postgres-replica-0", `select pg_last_wal_replay_lsn() >= '${written}'`)) === "t" ? true : undefined;
    await until("the replica", caughtUp, { deadlineMs: 30_000, pauseMs: 250 });
    expect(await release.sql("postgres-replica-0", "show hot_standby_feedback")).toBe("on");
    expect(JSON.parse((await release.api("/health/database")).body)).toMatchObject({ postgresql: { status: "connected", replicas: 1 } });
  });

  it("answers vector searches of the backend through postgres-read, on the replica", async () => {
    expect(await release.readThroughService("select pg_is_in_recovery()")).toBe("True");
    const nearest =
      "select count(*) from (select embedding <=> embedding from migration.agent_discovered_patterns order by 1 limit 5) as nearest";
    expect(Number(await release.readThroughService(nearest))).toBeGreaterThanOrEqual(0);
    await expect(release.readThroughService("create table migration.refused ()")).rejects.toThrow(/read-only transaction/);
  });
});

describe("when the Redis master is lost", () => {
  it("Sentinel makes a replica the master, the API's cache works again with what it held, and the lost one comes back as a replica", async () => {
    const lost = await release.master("redis-0");
    const witness = redisPods.find((pod) => pod !== lost) ?? "";
    expect(redisPods).toContain(lost);
    expect(await release.cacheWorks("kept", "before")).toBe(true);
    expect(Number(await release.redis(lost, 6379, "wait", "2", "10000"))).toBe(2);
    const cached = JSON.parse((await release.api("/cache/kept")).body);

    // On a node that takes no new pods its replacement cannot be back before the Sentinels have noticed.
    await kubectl(site, "cordon", network.nodeName);
    const started = performance.now();
    try {
      await release.kubectl("delete", "pod", lost, "--grace-period=0", "--force");
      const elected = async () => {
        const name = await release.master(witness);
        return name === lost ? undefined : name;
      };
      const master = await until("another master", elected, { deadlineMs: 60_000, pauseMs: 500 });
      expect(redisPods).toContain(master);
      console.log(`${master} was elected ${secondsSince(started)} after ${lost} was killed`);
      const works = async () => ((await release.cacheWorks("after", "failover")) ? true : undefined);
      await until("the API's cache", works, { deadlineMs: 60_000, pauseMs: 500 });
      console.log(`the API's cache worked again ${secondsSince(started)} after the kill`);
      expect(JSON.parse((await release.api("/cache/kept")).body)).toEqual(cached);
      expect(cached).toEqual({ kept: "before" });
    } finally {
      await kubectl(site, "uncordon", network.nodeName);
    }
    const follows = async () =>
      /role:slave[\s\S]*master_link_status:up/.test(await release.redis(lost, 6379, "info", "replication")) ? true : undefined;
    await until(`${lost} as a replica`, follows, { deadlineMs: 90_000, pauseMs: 1000 });
    await until("every pod", async () => ((await release.pods()).others.length === 0 ? true : undefined), {
      deadlineMs: 60_000,
      pauseMs: 1000,
    });
    expect(await release.master(lost)).toBe(await release.master(witness));
  });
});
