import type { LogSource, WorkloadKind } from "./workload.ts";

/** Why an image cannot be pulled. */
export type PullProblem = "not-found" | "unauthorized" | "untrusted" | "wrong-platform" | "unreachable" | "other";

/** Why a volume is not there. */
export type VolumeProblem =
  | "class-missing"
  | "no-default-class"
  | "provisioner-silent"
  | "provisioning-failed"
  | "claim-missing"
  | "claim-lost"
  | "mount-failed";

/** Who refused to let a pod be made. */
export type Refuser = "quota" | "limit-range" | "pod-security" | "webhook" | "service-account" | "rights" | "other";

/** How many nodes turned a pod away for one reason, in the scheduler's words. */
export interface Turndown {
  readonly nodes: number;
  readonly reason: string;
}

/** Why a workload is not ready. `message` is Kubernetes' own text. */
export type Cause =
  | {
      readonly kind: "image-pull";
      readonly problem: PullProblem;
      readonly image: string;
      readonly pullSecrets: readonly string[];
      readonly missingPullSecrets: readonly string[];
      readonly message: string;
    }
  | {
      readonly kind: "scheduling";
      /** `cpu`, `memory`, `pods`, `ephemeral-storage`: what no node has enough of. */
      readonly resources: readonly string[];
      /** What the pod asks for of them, by resource. */
      readonly requests: Readonly<Record<string, string>>;
      /** Labels that the pod wants of its node, where nodes were turned down for theirs; `{}` otherwise. */
      readonly nodeSelector: Readonly<Record<string, string>>;
      readonly nodes: number;
      readonly turndowns: readonly Turndown[];
      readonly taints: readonly string[];
      readonly message: string;
    }
  | {
      readonly kind: "volume";
      readonly problem: VolumeProblem;
      readonly claim: string;
      readonly storageClass?: string;
      readonly provisioner?: string;
      readonly message: string;
    }
  | {
      readonly kind: "config-missing";
      readonly object: "Secret" | "ConfigMap";
      readonly name: string;
      readonly key?: string;
      readonly message: string;
    }
  | {
      readonly kind: "crash";
      readonly container: string;
      readonly init: boolean;
      readonly exitCode: number;
      readonly signal?: number;
      readonly outOfMemory: boolean;
      readonly memoryLimit?: string;
      readonly restarts: number;
      readonly message: string;
    }
  | { readonly kind: "start-refused"; readonly container: string; readonly message: string }
  | {
      readonly kind: "probe";
      readonly container: string;
      readonly probe: "startup" | "liveness" | "readiness";
      readonly restarts: number;
      readonly message: string;
    }
  | { readonly kind: "init-waiting"; readonly container: string; readonly seconds: number; readonly message: string }
  | { readonly kind: "refused"; readonly by: Refuser; readonly message: string }
  | {
      readonly kind: "job-failed";
      readonly job: string;
      /** The CronJob that made it and will make the next one. */
      readonly cronJob?: string;
      readonly reason: string;
      readonly exitCode?: number;
      readonly message: string;
    }
  | { readonly kind: "node-lost"; readonly node: string; readonly message: string }
  | { readonly kind: "evicted"; readonly reason: string; readonly message: string }
  | { readonly kind: "waiting-for"; readonly components: readonly string[]; readonly message: string }
  | { readonly kind: "progressing"; readonly doing: string; readonly message: string };

/** A cause, the object it was seen on, and the container whose last words belong to it. */
export interface Sighting {
  readonly cause: Cause;
  /** `Pod/backend-7f9c-x2x`, `PersistentVolumeClaim/data-postgres-0`. */
  readonly object: string;
  /** Kubernetes' word for it: `ImagePullBackOff`, `FailedCreate`, `Unschedulable`. */
  readonly reason: string;
  /** When Kubernetes last tried and failed, by its own clock; absent where that is not told or where it does not try again. */
  readonly since?: Date;
  readonly log?: LogSource;
}

/** Why one workload is not ready: the root-cause card. */
export interface CauseCard {
  readonly component: string;
  readonly workload: { readonly kind: WorkloadKind; readonly name: string };
  readonly ready: number;
  readonly wanted: number;
  readonly object: string;
  readonly reason: string;
  readonly cause: Cause;
  /** What is wrong, one sentence. */
  readonly what: string;
  /** What to do; a command where there is one. */
  readonly fix: string;
  /** Last lines of the container's log. */
  readonly lines: readonly string[];
  /** As {@link Sighting.since}. */
  readonly since?: Date;
  /** Components that are down and because of which this one is; empty for a root. */
  readonly consequenceOf: readonly string[];
}
