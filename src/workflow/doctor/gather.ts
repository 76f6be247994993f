import { allOf } from "../../domain/all-of.ts";
import type { CertificatesFacts, DataVolumeUse, DoctorFacts, SecretFacts } from "../../domain/doctor/facts.ts";
import type { ClaimUse } from "../../domain/doctor/node-stats.ts";
import { known, type Reading } from "../../domain/reading.ts";
import type { Pod, RolloutFacts } from "../../domain/rollout/workload.ts";
import type { BackupHost } from "../../ports/backup-host.ts";
import type { Clock } from "../../ports/clock.ts";
import type { ClusterFacts } from "../../ports/cluster-facts.ts";
import type { ClusterWorkloads, ReleaseScope } from "../../ports/cluster-workloads.ts";
import type { Progress } from "../../ports/progress.ts";
import type { ReleaseHealth } from "../../ports/release-health.ts";
import type { ReplicationState } from "../../ports/replication-state.ts";
import type { RunStore } from "../../ports/run-store.ts";
import { type Diagnosis, diagnose } from "../rollout/diagnose.ts";
import { putOffIn, readRecord } from "../run/record-book.ts";
import { backupSecret, generatedSecrets } from "../secrets/platform-secrets.ts";
import { notInstalled } from "../status/not-installed.ts";
import { notedFills } from "./note-fills.ts";
import { apiDeadline, gathering, podDeadline, Questions } from "./questions.ts";
import { readArchive } from "./read-archive.ts";
import { type RunReader, unfinishedRun } from "./unfinished-run.ts";

/** What the facts of an installed release are gathered through; nothing here is asked to write. */
export interface DoctorPorts {
  readonly workloads: ClusterWorkloads;
  readonly health: ReleaseHealth;
  readonly objects: RunReader;
  readonly cluster: Pick<ClusterFacts, "quotas">;
  readonly host: BackupHost;
  readonly replication: ReplicationState;
  readonly clock: Pick<Clock, "now">;
  /** Where this host keeps what it has seen of the release. */
  readonly notebook: Pick<RunStore, "read" | "write">;
  readonly progress: Progress;
}

/**
 * Reads everything that the checks judge, side by side. What may not be read, does not answer in time or fails is a reading of its own.
 * @throws Problem STATUS_NOT_INSTALLED when neither Helm nor the cluster knows the release; CLUSTER_* when not even its pods can be read,
 * without which there is nothing to tell; what `signal` was aborted with
 */
export async function gatherDoctorFacts(ports: DoctorPorts, scope: ReleaseScope, signal: AbortSignal): Promise<DoctorFacts> {
  const { progress } = ports;
  progress.tell({ kind: "started", ...gathering });
  try {
    const facts = await gather(ports, scope, signal);
    progress.tell({ kind: "done", id: gathering.id });
    return facts;
  } catch (error) {
    progress.tell({ kind: "failed", id: gathering.id, what: error instanceof Error ? error.message : String(error) });
    throw error;
  }
}

async function gather(ports: DoctorPorts, scope: ReleaseScope, signal: AbortSignal): Promise<DoctorFacts> {
  const { workloads, health, host } = ports;
  const questions = new Questions(ports.progress, signal);
  const api = <T>(note: string, ask: (signal: AbortSignal) => Promise<Reading<T>>) => questions.read(note, apiDeadline, ask);
  const pod = <T>(note: string, ask: (signal: AbortSignal) => Promise<T>) => questions.ask(note, podDeadline, ask);
  const diagnosis = diagnose(workloads, scope, signal);
  const helm = api("Helm's record", (own) => workloads.helmRelease(scope, own));
  const independent = allOf({
    helm,
    recorded: api("manifests", (own) => health.recorded(scope, own)),
    unfinished: questions.ask("journal", apiDeadline, (own) => unfinishedRun(ports.objects, scope.namespace, own)),
    putOff: questions.ask("record", apiDeadline, async (own) => putOffIn(await readRecord(ports.objects, scope.namespace, own))),
    schedules: api("CronJobs", (own) => workloads.cronJobs(scope, own)),
    certificates: api("certificates", (own) => certificatesOf(ports, scope, own)),
    quotas: api("quotas", (own) => ports.cluster.quotas(scope.namespace, own)),
    belongings: api("leftovers", (own) => health.belongings(scope, own)),
    archive: pod("archive", (own) => readArchive(host, ports.clock.now(), own)),
    drills: pod("restore drills", (own) => host.drills(own)),
    replication: pod("replication", (own) => ports.replication.replication(own)),
    redis: pod("Redis", (own) => host.redis(own)),
  });
  // Not to be left without anybody who hears of its failure, should the pods not be readable.
  independent.catch(() => undefined);
  const { facts, cards } = await required(diagnosis, helm, scope);
  const stats = await api("volumes", (own) => health.nodeStats(nodesOf(facts.pods), scope.namespace, own));
  const [dataVolume, secrets, rest] = await Promise.all([
    dataVolumeOf(facts.pods, stats, (ask) => pod("data volume", ask), host),
    Promise.all(
      secretsOf(facts.pods).map(async (one) => ({
        ...one,
        keys: await api("Secrets", (own) => health.secretKeys(scope.namespace, one.name, own)),
      })),
    ),
    independent,
  ]);
  const fills = await notedFills(ports, facts.at, [...(stats.kind === "known" ? stats.value.claims : []), ...useOf(dataVolume)]);
  return { ...scope, rollout: facts, causes: cards, stats, fills, dataVolume, secrets, ...rest };
}

async function required(diagnosis: Promise<Diagnosis>, helm: Promise<DoctorFacts["helm"]>, scope: ReleaseScope): Promise<Diagnosis> {
  const [seen, record] = await Promise.all([diagnosis, helm]);
  if (seen.facts.workloads.length === 0 && (record.kind !== "known" || record.value === undefined)) throw notInstalled(scope);
  return seen;
}

async function certificatesOf(
  { workloads, health }: DoctorPorts,
  scope: ReleaseScope,
  signal: AbortSignal,
): Promise<Reading<CertificatesFacts>> {
  const [entries, own] = await Promise.all([workloads.entryPoints(scope, signal), health.tlsSecrets(scope, signal)]);
  if (entries.kind !== "known") return entries;
  const listed = own.kind === "known" ? own.value : [];
  const names = [...new Set([...entries.value.flatMap(({ tlsSecret }) => tlsSecret ?? []), ...listed])];
  const secrets = await Promise.all(
    names.map(async (name) => ({ name, certificate: await workloads.certificate(scope.namespace, name, signal) })),
  );
  return known({ entries: entries.value, secrets });
}

function nodesOf(pods: RolloutFacts["pods"]): readonly string[] {
  return [
    ...new Set(
      pods.flatMap(({ node, claims, component }) => (node === undefined || (claims.length === 0 && component !== "redis") ? [] : [node])),
    ),
  ].sort();
}

/** The claim of the primary's data, which its own pod is asked about where no kubelet tells. */
async function dataVolumeOf(
  pods: readonly Pod[],
  stats: DoctorFacts["stats"],
  ask: (question: (signal: AbortSignal) => Promise<DataVolumeUse>) => Promise<Reading<DataVolumeUse>>,
  host: BackupHost,
): Promise<DoctorFacts["dataVolume"]> {
  const claim = pods.flatMap(({ component, claims }) =>
    component === "postgres" ? claims.filter((name) => name.startsWith("data-")) : [],
  )[0];
  const told = stats.kind === "known" && stats.value.claims.some((one) => one.claim === claim);
  if (claim === undefined || told) return known(undefined);
  return await ask(async (signal) => {
    const { directories, free } = await host.volume(signal);
    return { claim, used: directories.reduce((sum, { bytes }) => sum + bytes, 0), free };
  });
}

function useOf(dataVolume: DoctorFacts["dataVolume"]): readonly ClaimUse[] {
  const data = dataVolume.kind === "known" ? dataVolume.value : undefined;
  return data === undefined ? [] : [{ claim: data.claim, used: data.used, capacity: data.used + data.free }];
}

/** The Secrets that pods name, and the keys that are known to belong into them. */
function secretsOf(pods: readonly Pod[]): readonly Omit<SecretFacts, "keys">[] {
  const users = new Map<string, Set<string>>();
  for (const { component, pullSecrets, configVolumes } of pods) {
    const volumes = configVolumes.filter(({ object, optional }) => object === "Secret" && optional !== true);
    for (const name of [...pullSecrets, ...volumes.map((one) => one.name)]) users.set(name, (users.get(name) ?? new Set()).add(component));
  }
  const keys: Readonly<Record<string, readonly string[]>> = { ...generatedSecrets, [backupSecret.name]: [backupSecret.key] };
  return [...users]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, usedBy]) => ({ name, usedBy: [...usedBy].sort(), wanted: keys[name] ?? [] }));
}
