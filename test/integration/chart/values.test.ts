import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import { workload, workloads } from "./pods.ts";
import { chart, lint, manifests, objects, profiles, registry, type Values } from "./render.ts";

const configSchema = z.looseObject({ data: z.record(z.string(), z.string()) });

function config(values: Values, name: string, key: string): string {
  const found = objects({ values }).find(({ kind, metadata }) => kind === "ConfigMap" && metadata.name === name);
  return configSchema.parse(found).data[key] ?? "";
}

/** `name = value` lines of a configuration file. */
function settings(text: string): Readonly<Record<string, string>> {
  return Object.fromEntries(
    text
      .split("\n")
      .filter((line) => line.includes("="))
      .map((line) => [line.slice(0, line.indexOf("=")).trim(), line.slice(line.indexOf("=") + 1).trim()]),
  );
}

describe("mode existing", () => {
  test.each(profiles)("renders %s twice byte for byte, without a Secret", (profile) => {
    const values = { profile, "ingress.host": "migrate.client.example" };
    const first = manifests({ values });
    expect(manifests({ values })).toBe(first);
    expect(first).not.toMatch(/^kind: Secret$/m);
  });
});

test("mode generate makes every Secret of the contract and keeps it on uninstall", () => {
  const made = objects({ values: { "secrets.mode": "generate" } }).filter(({ kind }) => kind === "Secret");
  expect(made.map(({ metadata }) => metadata.name).sort()).toEqual([
    "app-secrets",
    "backup-encryption",
    "migrate-platform-tls",
    "postgres-credentials",
    "redis-credentials",
  ]);
  expect(made.map(({ metadata }) => metadata.annotations["helm.sh/resource-policy"])).toEqual(made.map(() => "keep"));
  const passwords = made.flatMap((secret) => Object.values(configSchema.parse(secret).data));
  expect(new Set(passwords).size).toBe(passwords.length);
});

describe("the profile", () => {
  test("gives way to the user's values, also to false, zero and empty", () => {
    const values = {
      profile: "standard",
      "agentPool.enabled": false,
      "postgresReplica.replicas": 0,
      "redis.replicas": 1,
      "networkPolicy.dns.cidrs": [],
    };
    const names = workloads(objects({ values })).map(({ name }) => name);
    expect(names).not.toContain("agent-pool");
    expect(names).not.toContain("postgres-replica");
    expect(workload(objects({ values }), "redis").template.spec.containers.map(({ name }) => name)).toEqual(["redis"]);
    expect(workload(objects({ values }), "backend").template.spec.containers[0]?.env).toContainEqual({ name: "DB_READ_HOST", value: "" });
  });

  test("keeps what the user's values leave out of a component", () => {
    const backend = workload(objects({ values: { "backend.resources.limits.memory": "3Gi" } }), "backend");
    expect(backend.template.spec.containers[0]?.resources).toEqual({
      requests: { cpu: "500m", memory: "1Gi" },
      limits: { cpu: "1", memory: "3Gi" },
    });
  });

  test("leaves replicas to the autoscaler, whose lower bound a person's replicas raise", () => {
    const all = objects({ values: { "backend.replicas": 4 } });
    expect(workload(all, "backend").object["spec"]).not.toHaveProperty("replicas");
    const scaler = all.find(({ kind, metadata }) => kind === "HorizontalPodAutoscaler" && metadata.name === "backend");
    expect(scaler?.["spec"]).toMatchObject({ minReplicas: 4, maxReplicas: 4 });
  });
});

describe("Postgres", () => {
  test.each([
    ["1Gi", "256MB", "768MB", "128MB"],
    ["1536Mi", "384MB", "1152MB", "192MB"],
    ["16Gi", "4096MB", "12288MB", "2048MB"],
    ["64Gi", "16384MB", "49152MB", "2048MB"],
  ])("with %s takes its settings from that memory", (memory, buffers, cache, maintenance) => {
    const conf = settings(
      config(
        { "postgres.resources.requests.memory": memory, "postgres.resources.limits.memory": memory },
        "postgres-config",
        "postgresql.conf",
      ),
    );
    expect(conf).toMatchObject({ shared_buffers: buffers, effective_cache_size: cache, maintenance_work_mem: maintenance });
  });

  test("has the settings of the specification", () => {
    expect(settings(config({ profile: "standard" }, "postgres-config", "postgresql.conf"))).toMatchObject({
      max_connections: "200",
      random_page_cost: "1.1",
      max_parallel_workers: "8",
      max_parallel_workers_per_gather: "4",
      max_parallel_maintenance_workers: "4",
      checkpoint_timeout: "15min",
      checkpoint_completion_target: "0.9",
      wal_buffers: "64MB",
      temp_file_limit: "2GB",
      log_min_duration_statement: "1000",
      shared_preload_libraries: "'vector,pg_stat_statements,auto_explain'",
      default_statistics_target: "1000",
      wal_level: "replica",
      archive_mode: "on",
      archive_timeout: "240",
      max_wal_senders: "5",
      work_mem: "128MB",
    });
  });

  test("replicas archive nothing and keep the primary's limits", () => {
    const primary = settings(config({ profile: "large" }, "postgres-config", "postgresql.conf"));
    const replica = settings(config({ profile: "large" }, "postgres-replica-config", "postgresql.conf"));
    expect(Object.keys(replica)).not.toContain("archive_command");
    for (const name of ["max_connections", "max_worker_processes", "max_wal_senders"]) expect(replica[name]).toBe(primary[name]);
    expect(replica["shared_buffers"]).toBe("2048MB");
  });

  test("a person's setting wins", () => {
    expect(settings(config({ "postgres.settings.max_wal_senders": 8 }, "postgres-config", "postgresql.conf"))["max_wal_senders"]).toBe("8");
  });

  test("nothing is trusted over TCP", () => {
    const rules = config({}, "postgres-config", "pg_hba.conf")
      .split("\n")
      .filter((line) => line.startsWith("host"));
    expect(rules.length).toBeGreaterThan(0);
    expect(rules.filter((line) => !/(scram-sha-256|reject)$/.test(line.trim()))).toEqual([]);
  });
});

test("PgBouncer pools by transaction with the figures of the specification", () => {
  expect(settings(config({}, "pgbouncer-config", "pgbouncer.ini"))).toMatchObject({
    pool_mode: "transaction",
    max_client_conn: "1000",
    default_pool_size: "50",
    reserve_pool_size: "10",
    auth_type: "scram-sha-256",
  });
});

test("Redis takes seven tenths of its memory limit", () => {
  expect(config({ "redis.resources.limits.memory": "1Gi" }, "redis-config", "redis.conf")).toContain("maxmemory 716mb");
});

test("with three pods Redis has Sentinels that clients are told of by stable names", () => {
  const env = (name: string) => workload(objects({ values: { profile: "standard" } }), name).template.spec.containers[0]?.env ?? [];
  const sentinels =
    "redis-0.redis-headless.client.svc:26379,redis-1.redis-headless.client.svc:26379,redis-2.redis-headless.client.svc:26379";
  for (const name of ["backend", "worker", "redis"]) {
    expect(env(name)).toContainEqual({ name: "REDIS_MODE", value: "sentinel" });
    expect(env(name)).toContainEqual({ name: "REDIS_SENTINELS", value: sentinels });
  }
});

test("tenants become one file each, and the default tenant carries the platform's branding", () => {
  const values = {
    "branding.brandColour": "#00aa55",
    "features.darkMode": true,
    "tenants[0].id": "acme",
    "tenants[0].displayName": "Acme",
  };
  expect(JSON.parse(config(values, "tenants", "default.json"))).toMatchObject({
    id: "default",
    branding: { brandColour: "#00aa55" },
    features: { darkMode: true },
  });
  expect(JSON.parse(config(values, "tenants", "acme.json"))).toEqual({ id: "acme", displayName: "Acme" });
  expect(JSON.parse(config(values, "frontend-config", "feature-flags"))).toEqual({ darkMode: true });
});

test("every key of values.yaml is in the schema, with no default the schema would refuse", () => {
  const { status, stderr } = lint({});
  expect(stderr).toBe("");
  expect(status).toBe(0);
  expect(readFileSync(`${chart}/values.yaml`, "utf8")).not.toContain(registry);
});
