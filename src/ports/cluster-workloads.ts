import type { Reading } from "../domain/reading.ts";
import type { LogSource, RolloutFacts } from "../domain/rollout/workload.ts";
import type { Autoscaler, BackupJob, EntryPoint, HelmFacts, PublicCertificate, ServiceFact } from "../domain/status/release-facts.ts";

/** Which release: Helm's name for it, which is the label app.kubernetes.io/instance of its objects. */
export interface ReleaseScope {
  readonly release: string;
  readonly namespace: string;
}

/** Reads what runs of a release. Nothing here writes; every method that reads throws Problem CLUSTER_* when the API gives no answer. */
export interface ClusterWorkloads {
  /** Workloads and pods of the release with the events, claims, classes and nodes their fate depends on. @throws Problem CLUSTER_FORBIDDEN when even the pods may not be read */
  rollout(scope: ReleaseScope, signal: AbortSignal): Promise<RolloutFacts>;
  /**
   * Calls `changed` as soon as a pod or workload of the release has changed, until the signal aborts; never throws. It may call without a change,
   * and does so every few seconds while the cluster does not let itself be watched. It may also miss one: look by the clock, too.
   */
  watch(scope: ReleaseScope, changed: () => void, signal: AbortSignal): void;
  /** Last lines of a container's log, oldest first. */
  logTail(namespace: string, source: LogSource, lines: number, signal: AbortSignal): Promise<Reading<readonly string[]>>;
  /** Ingresses of the release, HTTPRoutes where the cluster has the Gateway API, and Routes where it is OpenShift. */
  entryPoints(scope: ReleaseScope, signal: AbortSignal): Promise<Reading<readonly EntryPoint[]>>;
  services(scope: ReleaseScope, signal: AbortSignal): Promise<Reading<readonly ServiceFact[]>>;
  /** HorizontalPodAutoscalers that scale workloads of the release, KEDA's among them. */
  autoscalers(scope: ReleaseScope, signal: AbortSignal): Promise<Reading<readonly Autoscaler[]>>;
  /** CronJobs of the release. */
  cronJobs(scope: ReleaseScope, signal: AbortSignal): Promise<Reading<readonly BackupJob[]>>;
  /** The public part of a TLS Secret (tls.crt, ca.crt); the key is never kept. Undefined when there is no such Secret. */
  certificate(namespace: string, secret: string, signal: AbortSignal): Promise<Reading<PublicCertificate | undefined>>;
  /** The newest revision of Helm's own record; undefined when Helm knows no such release. */
  helmRelease(scope: ReleaseScope, signal: AbortSignal): Promise<Reading<HelmFacts | undefined>>;
}
