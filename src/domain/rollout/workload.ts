import type { Reading } from "../reading.ts";

/** Kinds of objects that bring pods into being and that a rollout waits for. */
export type WorkloadKind = "Deployment" | "StatefulSet" | "Job";

/** One condition of a Kubernetes object, as its controller wrote it. */
interface Condition {
  readonly type: string;
  readonly status: "True" | "False" | "Unknown";
  readonly reason: string;
  readonly message: string;
  readonly since?: Date;
}

/** A Deployment, StatefulSet or Job of the release and how far its controller is. For a Job `wanted` counts completions and `ready` successes. */
export interface Workload {
  readonly kind: WorkloadKind;
  readonly name: string;
  /** Label app.kubernetes.io/component, else the object's name. */
  readonly component: string;
  readonly version?: string;
  readonly createdAt: Date;
  readonly wanted: number;
  /** Pods that exist, of any revision. */
  readonly existing: number;
  readonly updated: number;
  readonly ready: number;
  readonly available: number;
  readonly generation: number;
  readonly observedGeneration: number;
  /** Names of the ReplicaSets of a Deployment: their events are its events. */
  readonly replicaSets: readonly string[];
  /** The CronJob that made this Job; such a Job is no part of a rollout. */
  readonly cronJob?: string;
  readonly conditions: readonly Condition[];
}

/** How a container ended. */
export interface Termination {
  readonly exitCode: number;
  readonly signal?: number;
  /** `OOMKilled`, `Error`, `Completed`, `StartError` … */
  readonly reason: string;
  readonly message: string;
  readonly finishedAt?: Date;
}

/** State of a container now. */
export type ContainerPhase =
  | { readonly kind: "waiting"; readonly reason: string; readonly message: string }
  | { readonly kind: "running"; readonly since?: Date }
  | ({ readonly kind: "terminated" } & Termination);

/** One container of a pod. A sidecar (init container that restarts) has role `sidecar`. */
export interface Container {
  readonly name: string;
  readonly role: "main" | "init" | "sidecar";
  readonly image: string;
  /** What the runtime runs, with its digest; absent before the image was pulled. */
  readonly imageId?: string;
  readonly ready: boolean;
  readonly restarts: number;
  /** Memory at which the kernel ends it, as Kubernetes writes it; absent when there is no limit. */
  readonly memoryLimit?: string;
  readonly phase: ContainerPhase;
  readonly last?: Termination;
}

/** A pod of the release and the workload it belongs to. */
export interface Pod {
  readonly name: string;
  readonly component: string;
  readonly owner?: { readonly kind: string; readonly name: string };
  readonly createdAt: Date;
  readonly deleting: boolean;
  readonly phase: "Pending" | "Running" | "Succeeded" | "Failed" | "Unknown";
  /** Reason and message of the pod's own status: `Evicted`, `NodeLost` … */
  readonly reason: string;
  readonly message: string;
  readonly ready: boolean;
  readonly node?: string;
  readonly ip?: string;
  readonly conditions: readonly Condition[];
  readonly containers: readonly Container[];
  /** What it needs free on a node, by resource, as Kubernetes writes it. */
  readonly requests: Readonly<Record<string, string>>;
  readonly nodeSelector: Readonly<Record<string, string>>;
  /** Names of the claims it mounts. */
  readonly claims: readonly string[];
  readonly pullSecrets: readonly string[];
  /** Volumes made from Secrets and ConfigMaps. */
  readonly configVolumes: readonly {
    readonly volume: string;
    readonly object: "Secret" | "ConfigMap";
    readonly name: string;
    /** The pod starts without it, too. */
    readonly optional?: true;
  }[];
}

/** An event about an object of the namespace. */
export interface ClusterEvent {
  readonly object: { readonly kind: string; readonly name: string; readonly container?: string };
  readonly type: string;
  readonly reason: string;
  readonly message: string;
  readonly count: number;
  readonly at: Date;
}

/** A PersistentVolumeClaim. */
export interface Claim {
  readonly name: string;
  readonly phase: "Pending" | "Bound" | "Lost";
  readonly storageClass?: string;
  /** Size asked for, as Kubernetes writes it. */
  readonly requested: string;
  readonly createdAt: Date;
}

/** A StorageClass, as far as a claim's fate depends on it. */
export interface StorageClassFact {
  readonly name: string;
  readonly provisioner: string;
  readonly isDefault: boolean;
  readonly waitsForConsumer: boolean;
}

/** A node, as far as a pod's fate depends on it. */
export interface NodeFact {
  readonly name: string;
  readonly ready: boolean;
  readonly cordoned: boolean;
  /** `key=value:Effect` of each taint. */
  readonly taints: readonly string[];
  readonly message: string;
}

/** Everything the root cause of an unready release is found from, read at one moment. */
export interface RolloutFacts {
  readonly at: Date;
  readonly namespace: string;
  readonly workloads: readonly Workload[];
  readonly pods: readonly Pod[];
  /** Of the whole namespace, oldest first. */
  readonly events: Reading<readonly ClusterEvent[]>;
  readonly claims: Reading<readonly Claim[]>;
  readonly storageClasses: Reading<readonly StorageClassFact[]>;
  readonly nodes: Reading<readonly NodeFact[]>;
}

/** A container whose last log lines are wanted; `previous` is the run before the present one. */
export interface LogSource {
  readonly pod: string;
  readonly container: string;
  readonly previous: boolean;
}

/** `Deployment/backend`: how a workload is named everywhere. */
export function workloadId(workload: Pick<Workload, "kind" | "name">): string {
  return `${workload.kind}/${workload.name}`;
}
