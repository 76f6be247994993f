import type { RecordEntry } from "../../domain/plan/record.ts";
import { known, mapReading, type Reading } from "../../domain/reading.ts";
import { rows } from "../../domain/rollout/view.ts";
import { assessBackup, concerns, summarise } from "../../domain/status/assess.ts";
import { certificateStatus } from "../../domain/status/certificate.ts";
import type { EntryPoint } from "../../domain/status/release-facts.ts";
import type { EndpointStatus, LastAction, ReleaseStatus } from "../../domain/status/status.ts";
import type { ClusterWorkloads, ReleaseScope } from "../../ports/cluster-workloads.ts";
import { type Diagnosis, diagnose } from "../rollout/diagnose.ts";
import { type BesidePorts, readBeside } from "../scratch/beside.ts";
import { notInstalled } from "./not-installed.ts";

/** Reads the newest entry of the release's record. */
interface RecordReader {
  latest(scope: ReleaseScope, signal: AbortSignal): Promise<RecordEntry | undefined>;
}

/** What status needs. */
export interface StatusPorts {
  readonly workloads: ClusterWorkloads;
  readonly record: RecordReader;
  readonly beside: BesidePorts;
}

/**
 * How a release stands now. Reads only; what may not be read is told as unknown.
 * @throws Problem STATUS_NOT_INSTALLED when neither Helm nor the cluster knows the release
 */
export async function readStatus(ports: StatusPorts, scope: ReleaseScope, signal: AbortSignal): Promise<ReleaseStatus> {
  const { workloads, record } = ports;
  const [seen, helm, entries, cronJobs, last, beside] = await Promise.all([
    diagnose(workloads, scope, signal),
    workloads.helmRelease(scope, signal),
    workloads.entryPoints(scope, signal),
    workloads.cronJobs(scope, signal),
    record.latest(scope, signal),
    readBeside(ports.beside, signal),
  ]);
  if (seen.facts.workloads.length === 0 && (helm.kind !== "known" || helm.value === undefined)) throw notInstalled(scope);
  const { at } = seen.facts;
  const endpoints = await endpointsOf(workloads, scope, entries, at, signal);
  const backups = mapReading(cronJobs, (jobs) => jobs.filter((job) => job.name.startsWith("backup")).map((job) => assessBackup(job, at)));
  const components = rows(seen.facts, seen.cards);
  const summary = summarise(components, seen.cards);
  const found = concerns(seen.facts, helm, endpoints, backups, beside);
  return {
    at,
    ...scope,
    version: versionOf(seen, helm.kind === "known" ? helm.value?.appVersion : undefined),
    helm,
    summary,
    needsAttention: summary !== "ready" || found.length > 0,
    components,
    causes: seen.cards,
    endpoints,
    backups,
    beside,
    ...(last === undefined ? {} : { last: lastAction(last) }),
    concerns: found,
  };
}

async function endpointsOf(
  workloads: ClusterWorkloads,
  scope: ReleaseScope,
  entries: Reading<readonly EntryPoint[]>,
  at: Date,
  signal: AbortSignal,
): Promise<Reading<readonly EndpointStatus[]>> {
  if (entries.kind !== "known") return entries;
  return known(
    await Promise.all(
      entries.value.map(async (entry) => {
        const secret = entry.tlsSecret === undefined ? undefined : await workloads.certificate(scope.namespace, entry.tlsSecret, signal);
        return { url: urlOf(entry), addresses: entry.addresses, certificate: certificateStatus(entry, secret, at) };
      }),
    ),
  );
}

/** `https://host/`; without a host the published address stands for it. */
function urlOf(entry: EntryPoint): string {
  return `${entry.tls ? "https" : "http"}://${entry.host || entry.addresses[0] || "*"}/`;
}

/** Helm's word first; else the version on the label of the backend, whose image is the release's. */
function versionOf({ facts }: Diagnosis, appVersion: string | undefined): string {
  return appVersion || (facts.workloads.find((workload) => workload.component === "backend")?.version ?? "unknown");
}

function lastAction(entry: RecordEntry): LastAction {
  return {
    workflow: entry.workflow,
    by: `${entry.by.cluster} from ${entry.by.host}`,
    finishedAt: entry.finishedAt,
    outcome: entry.outcome,
  };
}
