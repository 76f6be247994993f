import { Problem } from "../../domain/errors/problem.ts";
import { mapReading } from "../../domain/reading.ts";
import { apiVersionsOf } from "../../ports/cluster-facts.ts";
import type { ClusterOffers } from "../../ports/cluster-offers.ts";
import type { Proxies } from "../node/proxies.ts";
import { ApiClient } from "./api-client.ts";
import { loadKubeConfig } from "./connection.ts";
import { kubernetesFacts } from "./facts/cluster-facts.ts";

/** Milliseconds a cluster gets to answer while a person waits for the next question. */
const patience = 10_000;

/** What the kubeconfig and its clusters offer to somebody who answers questions. */
export function createClusterOffers(options: {
  readonly kubeconfig?: string | undefined;
  readonly environment?: string | undefined;
  readonly proxies?: Proxies;
}): ClusterOffers {
  return {
    async contexts() {
      try {
        const config = loadKubeConfig(options);
        return { names: config.getContexts().map(({ name }) => name), current: config.getCurrentContext() };
      } catch (error) {
        if (error instanceof Problem && error.code.startsWith("KUBECONFIG_")) return { names: [], current: undefined };
        throw error;
      }
    },
    async cluster(context, outer) {
      const signal = AbortSignal.any([outer, AbortSignal.timeout(patience)]);
      const facts = kubernetesFacts(new ApiClient(loadKubeConfig({ ...options, context }), options.proxies));
      try {
        const [{ version }, nodes, discovery, storage, ingress] = await Promise.all([
          facts.cluster(signal),
          facts.nodes(signal),
          facts.discovery(signal),
          facts.storageClasses(signal),
          facts.ingressClasses(signal),
        ]);
        return {
          version,
          nodes,
          storageClasses: mapReading(storage, (classes) =>
            classes.map(({ name, isDefault, provisioner, expandable }) => ({
              name,
              isDefault,
              detail: `${provisioner}${expandable ? "" : ", cannot grow"}`,
            })),
          ),
          ingressClasses: mapReading(ingress, (classes) =>
            classes.map(({ name, isDefault, controller }) => ({ name, isDefault, detail: controller })),
          ),
          apiVersions: discovery.kind === "known" ? apiVersionsOf(discovery.value) : [],
        };
      } catch (cause) {
        if (!signal.aborted || outer.aborted) throw cause;
        throw new Problem("CLUSTER_UNREACHABLE", { what: `the cluster did not answer within ${patience / 1000} s`, cause });
      }
    },
  };
}
