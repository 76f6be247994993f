import type { Discovery, Facts } from "../domain/facts/facts.ts";
import type { InstallMode } from "../domain/facts/install-mode.ts";
import type { ReleaseScope } from "./cluster-workloads.ts";

/** The cluster as far as it can be read; there is no method here that writes. Denied or broken parts are readings, not errors. */
export interface ClusterFacts {
  /**
   * Address, version, clock and identity; the first question of every run.
   * @throws Problem CLUSTER_UNREACHABLE, CLUSTER_UNTRUSTED, CLUSTER_UNAUTHORIZED, CLUSTER_NOT_KUBERNETES, CLUSTER_CREDENTIAL_PLUGIN when there is no cluster to ask
   */
  cluster(signal: AbortSignal): Promise<Facts["cluster"]>;
  discovery(signal: AbortSignal): Promise<Facts["discovery"]>;
  nodes(signal: AbortSignal): Promise<Facts["nodes"]>;
  /** What running pods hold; pods of `namespace` are told one by one. */
  pods(namespace: string, signal: AbortSignal): Promise<Facts["pods"]>;
  storageClasses(signal: AbortSignal): Promise<Facts["storageClasses"]>;
  storageCapacities(signal: AbortSignal): Promise<Facts["storageCapacities"]>;
  /** CSI drivers, and which provisioners of the cluster's classes are seen running. */
  provisioners(signal: AbortSignal): Promise<Facts["provisioners"]>;
  volumes(signal: AbortSignal): Promise<Facts["volumes"]>;
  ingressClasses(signal: AbortSignal): Promise<Facts["ingressClasses"]>;
  priorityClasses(signal: AbortSignal): Promise<Facts["priorityClasses"]>;
  namespace(name: string, signal: AbortSignal): Promise<Facts["namespace"]>;
  quotas(namespace: string, signal: AbortSignal): Promise<Facts["quotas"]>;
  limits(namespace: string, signal: AbortSignal): Promise<Facts["limits"]>;
  /** Helm's revisions in the namespace, from the labels of its Secrets. */
  helmRevisions(namespace: string, signal: AbortSignal): Promise<Facts["helmRevisions"]>;
  /** The APIs that Helm has recorded of a release's newest revision; none where Helm knows no such release. */
  recordedApis(scope: ReleaseScope, signal: AbortSignal): Promise<Facts["recordedApis"]>;
  claims(namespace: string, signal: AbortSignal): Promise<Facts["claims"]>;
  /** The rights that an installation in this mode uses, and which of them the user of the kubeconfig has. */
  rights(namespace: string, mode: InstallMode, signal: AbortSignal): Promise<Facts["rights"]>;
}

/** `group/version` and `group/version/Kind` of everything served, as `helm template --api-versions` takes them. */
export function apiVersionsOf(discovery: Discovery): readonly string[] {
  return discovery.served.flatMap(({ groupVersion, kinds }) => [groupVersion, ...kinds.map((kind) => `${groupVersion}/${kind}`)]);
}
