import type { DoctorFacts } from "../../../src/domain/doctor/facts.ts";
import { noFillHistory } from "../../../src/domain/doctor/fill-rate.ts";
import { known } from "../../../src/domain/reading.ts";
import type { BackupJob } from "../../../src/domain/status/release-facts.ts";
import { ago, complete, container, deployment, facts, job, moment, podOf, ready, statefulSet } from "../../fakes/rollout-objects.ts";

const day = 86_400;
const digest = `sha256:${"a".repeat(64)}`;

/** The image of every container in these facts. */
export const image = `r.example/migrate-platform/backend:1.0.0@${digest}`;

/** A CronJob whose last run succeeded. */
export function cronJob(name: string, schedule: string, over: Partial<BackupJob> = {}): BackupJob {
  const common = { name, component: "backup", schedule, suspended: false, createdAt: ago(90 * day), active: 0 };
  return { ...common, lastScheduled: ago(3600), lastSuccessful: ago(3500), ...over };
}

const backend = deployment("backend", ready);
const postgres = statefulSet("postgres", ready);
const redis = statefulSet("redis", ready);
const up = { ready: true, phase: "Running" } as const;
const main = (name: string) => container({ name, ready: true, image, memoryLimit: "1Gi" });

/** A release of which everything is known and well. */
export const healthy: DoctorFacts = {
  release: "migrate-platform",
  namespace: "client-acme",
  rollout: facts({
    workloads: [backend, postgres, redis, statefulSet("postgres-replica", ready), job("migrations-1", complete)],
    pods: [
      podOf(backend, { ...up, containers: [main("backend")], pullSecrets: ["pull"] }),
      podOf(postgres, { ...up, name: "postgres-0", containers: [main("postgres")], claims: ["data-postgres-0", "backup-postgres-0"] }),
      podOf(redis, { ...up, name: "redis-0", containers: [main("redis")], claims: ["data-redis-0"] }),
    ],
  }),
  causes: [],
  helm: known({
    revision: 3,
    status: "deployed",
    chartName: "migrate-platform",
    chartVersion: "1.0.0",
    appVersion: "1.0.0",
    profile: "small",
  }),
  recorded: known({
    objects: [
      { kind: "PersistentVolumeClaim", name: "data-postgres-0" },
      { kind: "ConfigMap", name: "backend" },
    ],
    containers: [{ workload: "Deployment/backend", container: "backend", image }],
  }),
  unfinished: known(undefined),
  putOff: known(undefined),
  schedules: known([
    cronJob("backup-full", "0 2 * * 0"),
    cronJob("backup-incremental", "0 2 * * 1-6"),
    cronJob("backup-drill", "0 4 * * 6"),
  ]),
  certificates: known({ entries: [], secrets: [] }),
  fills: noFillHistory,
  stats: known({
    fills: noFillHistory,
    claims: ["data-postgres-0", "backup-postgres-0", "data-redis-0"].map((claim) => ({ claim, used: 400, capacity: 1000 })),
    containers: [{ pod: "redis-0", container: "redis", bytes: 100_000_000 }],
    silent: [],
  }),
  dataVolume: known(undefined),
  archive: known({
    kind: "read",
    now: moment,
    newest: { label: "20260301-020000F", finishedAt: ago(3600) },
    holes: [],
    reachesNow: true,
    archiver: { segment: "000000010000000000000009", at: ago(40), failedSegment: undefined, failedAt: undefined },
  }),
  drills: known([{ by: "schedule", status: "passed", startedAt: ago(2 * day) }]),
  replication: known({
    replicas: [{ name: "postgres-replica-0", state: "streaming", lagBytes: 0 }],
    slots: [{ name: "postgres_replica_0", active: true, keptBytes: 0, lost: false }],
  }),
  redis: known({
    enabled: true,
    kept: false,
    failure: undefined,
    snapshot: { asOf: moment.toISOString(), version: "7.0.15", keys: 1, bytes: 1, sha256: "0".repeat(64) },
  }),
  quotas: known([{ name: "q", hard: { pods: "10" }, used: { pods: "9" }, scopes: [] }]),
  belongings: known([]),
  secrets: [{ name: "pull", usedBy: ["backend"], wanted: [], keys: known([".dockerconfigjson"]) }],
};
