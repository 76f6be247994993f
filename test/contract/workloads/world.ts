import type { Claim, ClusterEvent, NodeFact, Pod, StorageClassFact, Workload } from "../../../src/domain/rollout/workload.ts";
import type { Autoscaler, BackupJob, EntryPoint, HelmFacts, ServiceFact } from "../../../src/domain/status/release-facts.ts";
import type { ClusterWorkloads, ReleaseScope } from "../../../src/ports/cluster-workloads.ts";
import type { KeyPair } from "../../fakes/certificates.ts";

/** A TLS Secret of a release; `none` has a key and no certificate. */
export type TlsSecret = (KeyPair & { readonly ca?: string }) | "none";

/** What a release consists of, in the domain's words; times of creation are the cluster's own. */
export interface ReleaseState {
  readonly workloads?: readonly Workload[];
  readonly pods?: readonly Pod[];
  readonly events?: readonly ClusterEvent[];
  readonly claims?: readonly Claim[];
  /** Lines by `pod/container/current` or `…/previous`. */
  readonly logs?: Readonly<Record<string, readonly string[]>>;
  readonly entryPoints?: readonly EntryPoint[];
  readonly services?: readonly ServiceFact[];
  readonly autoscalers?: readonly Autoscaler[];
  readonly cronJobs?: readonly BackupJob[];
  readonly tlsSecrets?: Readonly<Record<string, TlsSecret>>;
  /** Every revision that Helm has kept. */
  readonly helm?: readonly HelmFacts[];
}

/** A cluster whose releases a test writes, seen by its owner and by somebody with every right in one namespace and none outside of it. */
export interface World {
  readonly workloads: ClusterWorkloads;
  readonly restricted: ClusterWorkloads;
  /** The one namespace of `restricted`. */
  readonly ownNamespace: string;
  makeNamespace(name: string): Promise<void>;
  /** Adds to a release; of what is there already the status follows. */
  put(scope: ReleaseScope, state: ReleaseState): Promise<void>;
  /** Cuts every connection to the cluster, and gives it back. */
  interrupt(): Promise<void>;
  end(): Promise<void>;
}

/** The nodes of every such cluster. */
export const nodes: readonly NodeFact[] = [
  { name: "node-a", ready: true, cordoned: false, taints: [], message: "" },
  {
    name: "node-b",
    ready: false,
    cordoned: true,
    taints: ["dedicated=gpu:NoSchedule", "spot:NoExecute"],
    message: "Kubelet stopped posting node status.",
  },
];

/** The storage classes of every such cluster. */
export const storageClasses: readonly StorageClassFact[] = [
  { name: "fast", provisioner: "csi.example/fast", isDefault: false, waitsForConsumer: false },
  { name: "standard", provisioner: "local.example/path", isDefault: true, waitsForConsumer: true },
];
