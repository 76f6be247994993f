/** How full the volume of a claim is, as the kubelet of the node that mounts it tells. */
export interface ClaimUse {
  readonly claim: string;
  readonly used: number;
  readonly capacity: number;
  /** Files and folders, where the file system counts them. */
  readonly inodes?: { readonly used: number; readonly capacity: number };
}

/** Memory that a container cannot give back at this moment. */
interface ContainerMemory {
  readonly pod: string;
  readonly container: string;
  readonly bytes: number;
}

/** What the kubelets tell of a namespace's pods. */
export interface NodeStats {
  readonly claims: readonly ClaimUse[];
  readonly containers: readonly ContainerMemory[];
  /** Nodes whose kubelet did not answer. */
  readonly silent: readonly string[];
}
