// The controllers that a bought cluster has and a bare one lacks: network policies, ingress, growth of volumes.
import { CoreV1Api, DiscoveryV1Api, KubeConfig, NetworkingV1Api } from "@kubernetes/client-node";
import { serveIngresses } from "./ingress/serve.ts";
import { enforcePolicies } from "./policy/enforce.ts";
import { growVolumes } from "./volume-growth.ts";
import { watch } from "./watched.ts";

const [kubeconfigFile, ingressConfig] = process.argv.slice(2);
if (!kubeconfigFile || !ingressConfig) throw new Error("usage: main.ts KUBECONFIG INGRESS-CONFIG-DIR");

const kubeconfig = new KubeConfig();
kubeconfig.loadFromFile(kubeconfigFile);
const core = kubeconfig.makeApiClient(CoreV1Api);
const networking = kubeconfig.makeApiClient(NetworkingV1Api);
const discovery = kubeconfig.makeApiClient(DiscoveryV1Api);

await Promise.all([
  enforcePolicies(kubeconfig, core, networking, (changed) =>
    watch(kubeconfig, "/api/v1/pods", () => core.listPodForAllNamespaces(), changed),
  ),
  serveIngresses(kubeconfig, { core, networking, discovery }, ingressConfig),
  growVolumes(kubeconfig, core),
]);
console.log("watching");
