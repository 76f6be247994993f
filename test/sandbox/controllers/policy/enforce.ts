import type { CoreV1Api, KubeConfig, NetworkingV1Api, V1Pod } from "@kubernetes/client-node";
import { run } from "../../run.ts";
import { coalesced, type Watched, watch } from "../watched.ts";
import { compilePolicies, type PodEndpoint } from "./compile.ts";
import { renderPolicies } from "./nftables.ts";

/** The pod as policies see it; undefined while it has no address of its own, or no longer. */
const endpointOf = (pod: V1Pod): PodEndpoint | undefined => {
  const ip = pod.status?.podIP;
  const ended = pod.status?.phase === "Succeeded" || pod.status?.phase === "Failed";
  if (!ip || ended || pod.spec?.hostNetwork) return undefined;
  return {
    namespace: pod.metadata?.namespace ?? "",
    name: pod.metadata?.name ?? "",
    labels: pod.metadata?.labels ?? {},
    ip,
    ports: [...(pod.spec?.containers ?? []), ...(pod.spec?.initContainers ?? [])].flatMap((container) =>
      (container.ports ?? []).flatMap(({ name, containerPort, protocol }) =>
        name ? [{ name, port: containerPort, protocol: protocol ?? "TCP" }] : [],
      ),
    ),
  };
};

/** Keeps the kernel's rules equal to the cluster's NetworkPolicies. */
export const enforcePolicies = async (
  kubeconfig: KubeConfig,
  core: CoreV1Api,
  networking: NetworkingV1Api,
  pods: (changed: () => void) => Promise<Watched<V1Pod>>,
): Promise<void> => {
  let applied = "";
  let world: (() => Parameters<typeof compilePolicies>[0]) | undefined;
  const apply = coalesced(async () => {
    if (!world) return;
    const script = renderPolicies(compilePolicies(world()));
    if (script === applied) return;
    await run(["nft", "--file", "-"], { input: script });
    applied = script;
  }, 20);
  const [watchedPods, namespaces, policies] = await Promise.all([
    pods(apply),
    watch(kubeconfig, "/api/v1/namespaces", () => core.listNamespace(), apply),
    watch(kubeconfig, "/apis/networking.k8s.io/v1/networkpolicies", () => networking.listNetworkPolicyForAllNamespaces(), apply),
  ]);
  world = () => ({
    pods: watchedPods
      .list()
      .flatMap((pod) => endpointOf(pod) ?? [])
      .toSorted((one, other) => `${one.namespace}/${one.name}`.localeCompare(`${other.namespace}/${other.name}`)),
    namespaces: new Map(namespaces.list().map(({ metadata }) => [metadata?.name ?? "", metadata?.labels ?? {}])),
    policies: policies.list(),
  });
  apply();
};
