import type { CoreV1Api, DiscoveryV1Api, KubeConfig, NetworkingV1Api, V1Ingress } from "@kubernetes/client-node";
import { network } from "../../layout.ts";
import { coalesced, watch } from "../watched.ts";
import { replaceConfig } from "./files.ts";
import { renderNginx } from "./nginx-config.ts";
import { virtualHosts } from "./virtual-hosts.ts";

const isServed = ({ spec, metadata }: V1Ingress): boolean =>
  (spec?.ingressClassName ?? metadata?.annotations?.["kubernetes.io/ingress.class"]) === "nginx";

const reportAddress = async (networking: NetworkingV1Api, ingress: V1Ingress): Promise<void> => {
  if (ingress.status?.loadBalancer?.ingress?.[0]?.ip === network.nodeAddress) return;
  const { name = "", namespace = "" } = ingress.metadata ?? {};
  await networking.patchNamespacedIngressStatus({
    name,
    namespace,
    body: [{ op: "add", path: "/status", value: { loadBalancer: { ingress: [{ ip: network.nodeAddress }] } } }],
  });
};

/** Keeps nginx's configuration equal to the Ingress objects of class `nginx`, and tells them the address they are served at. */
export const serveIngresses = async (
  kubeconfig: KubeConfig,
  apis: { readonly core: CoreV1Api; readonly networking: NetworkingV1Api; readonly discovery: DiscoveryV1Api },
  configDir: string,
): Promise<void> => {
  const { core, networking, discovery } = apis;
  let read: (() => Parameters<typeof virtualHosts>[0]) | undefined;
  const apply = coalesced(async () => {
    if (!read) return;
    const world = read();
    const { hosts, files } = virtualHosts(world);
    if (replaceConfig(configDir, { ...files, "nginx.conf": renderNginx(hosts) })) {
      console.log(`serving ${hosts.map(({ host, routes }) => `${host} (${routes.length} paths)`).join(", ") || "nothing"}`);
    }
    await Promise.all(world.ingresses.map((ingress) => reportAddress(networking, ingress)));
  }, 50);
  const [ingresses, services, slices, secrets] = await Promise.all([
    watch(kubeconfig, "/apis/networking.k8s.io/v1/ingresses", () => networking.listIngressForAllNamespaces(), apply),
    watch(kubeconfig, "/api/v1/services", () => core.listServiceForAllNamespaces(), apply),
    watch(kubeconfig, "/apis/discovery.k8s.io/v1/endpointslices", () => discovery.listEndpointSliceForAllNamespaces(), apply),
    watch(kubeconfig, "/api/v1/secrets", () => core.listSecretForAllNamespaces(), apply),
  ]);
  const byName = (one: V1Ingress, other: V1Ingress): number =>
    `${one.metadata?.namespace}/${one.metadata?.name}`.localeCompare(`${other.metadata?.namespace}/${other.metadata?.name}`);
  read = () => ({
    ingresses: ingresses.list().filter(isServed).toSorted(byName),
    services: services.list(),
    endpointSlices: slices.list(),
    secrets: secrets.list(),
  });
  apply();
};
