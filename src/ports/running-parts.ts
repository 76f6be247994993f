import type { ReleaseScope } from "./cluster-workloads.ts";

/** A workload of the release that can be scaled. */
export interface RunningPart {
  readonly kind: "Deployment" | "StatefulSet";
  readonly name: string;
  /** Its label app.kubernetes.io/component. */
  readonly component: string;
  /** Pods that are wanted. */
  readonly replicas: number;
}

/** A CronJob of the release. */
export interface ScheduledPart {
  readonly name: string;
  readonly suspended: boolean;
}

/** A pod of the release, also while it ends. */
export interface PartPod {
  readonly name: string;
  readonly component: string;
  readonly ready: boolean;
  readonly ending: boolean;
}

/** A Service by which people come in, and where it leads. */
export interface Entrance {
  readonly service: string;
  readonly selector: Readonly<Record<string, string>>;
  readonly targetPort: string | number;
}

/** Takes parts of a running release out of service and back. Every method may throw Problem CLUSTER_*. */
export interface RunningParts {
  parts(scope: ReleaseScope, signal: AbortSignal): Promise<readonly RunningPart[]>;
  schedules(scope: ReleaseScope, signal: AbortSignal): Promise<readonly ScheduledPart[]>;
  pods(scope: ReleaseScope, signal: AbortSignal): Promise<readonly PartPod[]>;
  /** Asks for so many pods; an autoscaler leaves a workload alone while that is 0. */
  scale(namespace: string, part: Pick<RunningPart, "kind" | "name">, replicas: number, signal: AbortSignal): Promise<void>;
  /** KEDA's ScaledObjects of the release that are not paused; none where the cluster has no KEDA. */
  scalers(scope: ReleaseScope, signal: AbortSignal): Promise<readonly string[]>;
  /** Keeps KEDA from scaling, at no pod, or lets it: else it would start workers for what waits in the queue. */
  pauseScaler(namespace: string, scaler: string, paused: boolean, signal: AbortSignal): Promise<void>;
  /** The Services of frontend and backend; none where the frontend of the release has no maintenance page. */
  entrances(scope: ReleaseScope, signal: AbortSignal): Promise<readonly Entrance[]>;
  /** Lets a Service lead elsewhere. */
  lead(namespace: string, entrance: Entrance, signal: AbortSignal): Promise<void>;
  /** Keeps a CronJob from starting Jobs, or lets it. */
  suspend(namespace: string, cronJob: string, suspended: boolean, signal: AbortSignal): Promise<void>;
}
