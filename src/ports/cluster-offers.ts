import type { NodeFact } from "../domain/facts/node.ts";
import type { Reading } from "../domain/reading.ts";

/** A class that answers can name. */
export interface OfferedClass {
  readonly name: string;
  readonly isDefault: boolean;
  /** What stands behind it: provisioner or controller, and what is worth knowing. */
  readonly detail: string;
}

/** What a cluster has that answers can choose from. */
export interface ClusterOffer {
  /** `v1.34.4` */
  readonly version: string;
  readonly nodes: Reading<NodeFact[]>;
  readonly storageClasses: Reading<readonly OfferedClass[]>;
  readonly ingressClasses: Reading<readonly OfferedClass[]>;
  /** `group/version` and `group/version/Kind`; empty when discovery is not possible. */
  readonly apiVersions: readonly string[];
}

/** Contexts of the kubeconfig. */
export interface OfferedContexts {
  readonly names: readonly string[];
  readonly current: string | undefined;
}

/** Looks, read-only, for what the wizard can offer instead of asking blindly. */
export interface ClusterOffers {
  /** No contexts when there is no usable kubeconfig: the wizard goes on without a cluster. */
  contexts(): Promise<OfferedContexts>;
  /** @throws Problem CLUSTER_* when the context's cluster does not answer */
  cluster(context: string | undefined, signal: AbortSignal): Promise<ClusterOffer>;
}
