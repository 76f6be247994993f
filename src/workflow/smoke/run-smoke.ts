import { Problem } from "../../domain/errors/problem.ts";
import { known, type Reading } from "../../domain/reading.ts";
import { workloadId } from "../../domain/rollout/workload.ts";
import type { SmokeCheck, SmokePlan, SmokeReport } from "../../domain/smoke/check.ts";
import type { WantedRelease } from "../../domain/smoke/judge-api.ts";
import type { EntryPoint, PublicCertificate } from "../../domain/status/release-facts.ts";
import type { Clock } from "../../ports/clock.ts";
import type { ClusterWorkloads, ReleaseScope } from "../../ports/cluster-workloads.ts";
import type { HttpProbe } from "../../ports/http-probe.ts";
import type { Tunnels } from "../../ports/tunnel.ts";
import { apiChecks } from "./api-checks.ts";
import { type CheckPlan, runChecks } from "./check-runner.ts";
import { type IngressAddress, ingressChecks } from "./ingress-checks.ts";
import { PodRoster } from "./pod-roster.ts";
import { scalingCheck } from "./scaling-check.ts";

/** What the smoke test needs. */
export interface SmokePorts {
  readonly workloads: ClusterWorkloads;
  readonly tunnels: Tunnels;
  readonly http: HttpProbe;
  readonly clock: Clock;
  /** Random text, new at every call. */
  readonly nonce: () => string;
}

/** The release to be tried out. */
export interface SmokeTarget extends ReleaseScope {
  /** What the release must answer; absent parts are taken from Helm's record. */
  readonly wanted: WantedRelease;
  readonly ingressAddress?: IngressAddress;
  /** Tenant whose configuration and assessment are used; `default` unless told otherwise. */
  readonly tenant?: string;
}

/** Who watches: one call per check that is done, in the order in which they end. */
export interface SmokeWatcher {
  readonly onCheck: (check: SmokeCheck) => void;
}

/**
 * Uses the platform once from the front door to the database. Every check runs, whatever the others found.
 * @throws Problem STATUS_NOT_INSTALLED when nothing of the release is there; the signal's reason; CLUSTER_* when the API gives no answer
 */
export async function runSmoke(
  sources: SmokePorts,
  target: SmokeTarget,
  { onCheck }: SmokeWatcher,
  signal: AbortSignal,
): Promise<SmokeReport> {
  const now = sources.clock.now.bind(sources.clock);
  const startedAt = now();
  const { lanes, ...subject } = await prepareSmoke(sources, target, signal);
  const checks = await Promise.all(lanes.map((plans) => runChecks(plans, now, onCheck, signal)));
  return { ...subject, startedAt, seconds: (now().getTime() - startedAt.getTime()) / 1000, checks: checks.flat() };
}

/** What {@link runSmoke} would ask, and of whom; the cluster is only read, and nothing of the platform is asked. Throws as that does. */
export async function planSmoke(sources: SmokePorts, target: SmokeTarget, signal: AbortSignal): Promise<SmokePlan> {
  const { lanes, ...subject } = await prepareSmoke(sources, target, signal);
  const told = ({ run: _, ...check }: CheckPlan) => check;
  return { ...subject, checks: lanes.flat().map(told) };
}

interface PreparedSmoke extends Pick<SmokeReport, "release" | "namespace" | "version" | "profile"> {
  /** Three lanes side by side: figures of autoscalers may take a minute, and the rest need not wait for them. */
  readonly lanes: readonly (readonly CheckPlan[])[];
}

async function prepareSmoke(sources: SmokePorts, target: SmokeTarget, signal: AbortSignal): Promise<PreparedSmoke> {
  const { workloads, clock, http } = sources;
  const scope = { release: target.release, namespace: target.namespace };
  const [facts, helm, entries] = await Promise.all([
    workloads.rollout(scope, signal),
    workloads.helmRelease(scope, signal),
    workloads.entryPoints(scope, signal),
  ]);
  if (facts.workloads.length === 0) throw notThere(scope);
  const entry = entries.kind === "known" ? entries.value[0] : undefined;
  const recorded = helm.kind === "known" ? helm.value : undefined;
  const version = target.wanted.version ?? recorded?.appVersion;
  const wanted = { ...target.wanted, ...(version ? { version } : {}) };
  const api = apiChecks({
    http,
    clock,
    roster: new PodRoster(sources, scope, facts),
    wanted,
    replicas: facts.workloads.find((one) => one.component === "postgres-replica")?.wanted ?? 0,
    tenant: target.tenant ?? "default",
    nonce: sources.nonce(),
  });
  const outside = ingressChecks({
    http,
    clock,
    entry,
    absent: absence(entries),
    secret: await secretOf(workloads, scope, entry, signal),
    address: target.ingressAddress,
    wanted,
  });
  const scaling = scalingCheck(workloads, clock, scope, new Set(facts.workloads.map(workloadId)));
  return {
    ...scope,
    version: version ?? "unknown",
    ...(recorded?.profile === undefined ? {} : { profile: recorded.profile }),
    lanes: [api, outside, [scaling]],
  };
}

/** The error that ends an installation whose smoke test failed. */
export function smokeFailed(report: SmokeReport): Problem {
  const failed = report.checks.filter((check) => check.verdict === "fail");
  return new Problem("SMOKE_FAILED", {
    what: `${failed.length} of ${report.checks.length} checks failed: ${failed.map((check) => `${check.title} (${check.reason ?? check.answered})`).join("; ")}`,
    fix: `Look for the cause with: migratectl status --namespace ${report.namespace}; then try again with: migratectl smoke --namespace ${report.namespace}`,
    data: { failed: failed.map(({ id, asked, answered, reason, fix }) => ({ id, asked, answered, reason, fix })) },
  });
}

function absence(entries: Reading<readonly EntryPoint[]>): string {
  if (entries.kind === "denied") return `the right to ${entries.verb} ${entries.resource} is missing`;
  return entries.kind === "unavailable" ? entries.message : "this release has no ingress";
}

async function secretOf(
  workloads: ClusterWorkloads,
  { namespace }: ReleaseScope,
  entry: EntryPoint | undefined,
  signal: AbortSignal,
): Promise<Reading<PublicCertificate | undefined>> {
  return entry?.tlsSecret === undefined ? known(undefined) : workloads.certificate(namespace, entry.tlsSecret, signal);
}

function notThere({ release, namespace }: ReleaseScope): Problem {
  return new Problem("STATUS_NOT_INSTALLED", {
    what: `there is nothing of release "${release}" in namespace "${namespace}"`,
    fix: `Install it with: migratectl install --namespace ${namespace}; or see what is there: helm list --all-namespaces`,
  });
}
