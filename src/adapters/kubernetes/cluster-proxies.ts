import type { KubeConfig } from "@kubernetes/client-node/dist/config.js";
import { Problem } from "../../domain/errors/problem.ts";
import type { Proxies } from "../node/proxies.ts";

/** The proxy of the kubeconfig's cluster (`proxy-url`) where it names one, else those of the environment; as kubectl decides it. Throws Problem KUBECONFIG_INVALID. */
export function clusterProxies(config: KubeConfig, environment: Proxies): Proxies {
  const named = config.getCurrentCluster()?.proxyUrl;
  if (named === undefined || named === "") return environment;
  const url = URL.parse(named);
  if (url !== null && /^(https?|socks5h?):$/.test(url.protocol)) return () => url;
  return () => {
    throw new Problem("KUBECONFIG_INVALID", { what: "the proxy-url of the cluster is not the address of a proxy" });
  };
}
