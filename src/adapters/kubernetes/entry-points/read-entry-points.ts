import type { z } from "zod";
import { known, type Reading } from "../../../domain/reading.ts";
import type { EntryPoint } from "../../../domain/status/release-facts.ts";
import type { ReleaseScope } from "../../../ports/cluster-workloads.ts";
import type { ApiClient } from "../api-client.ts";
import { ApiStatusError, reading } from "../api-errors.ts";
import { collect } from "../facts/objects.ts";
import { fromIngress, ingressSchema } from "../workloads/read-endpoints.ts";
import { fromHttpRoute, type Gateway, gatewayOf, gatewaySchema, httpRouteSchema } from "./read-gateway.ts";
import { fromRoutes, routeSchema } from "./read-route.ts";

/** The ways into a release that the cluster has: Ingresses, HTTPRoutes of the Gateway API, Routes of OpenShift. An API that it does not serve has none. */
export async function readEntryPoints(
  api: ApiClient,
  { release, namespace }: ReleaseScope,
  signal: AbortSignal,
): Promise<Reading<readonly EntryPoint[]>> {
  const labelSelector = `app.kubernetes.io/instance=${release}`;
  const list = <T>(group: string, resource: string, schema: z.ZodType<T>) =>
    unlessUnserved(collect(api.list(`/apis/${group}/v1/namespaces/${namespace}/${resource}`, schema, signal, { labelSelector })));
  const all = await Promise.all([
    reading("list", "ingresses.networking.k8s.io", async () =>
      (await list("networking.k8s.io", "ingresses", ingressSchema)).flatMap(fromIngress),
    ),
    reading("list", "httproutes.gateway.networking.k8s.io", async () => {
      const routes = await list("gateway.networking.k8s.io", "httproutes", httpRouteSchema);
      const entries = routes.map(async (route) => {
        const { name, namespace: place = namespace } = gatewayOf(route);
        return fromHttpRoute(route, await readGateway(api, place, name, signal), namespace);
      });
      return (await Promise.all(entries)).flat();
    }),
    reading("list", "routes.route.openshift.io", async () => fromRoutes(await list("route.openshift.io", "routes", routeSchema))),
  ]);
  const found = all.flatMap((one) => (one.kind === "known" ? one.value : []));
  // One kind that may not be read matters only when no other shows a way in.
  return found.length > 0 ? known(found) : (all.find(({ kind }) => kind !== "known") ?? known([]));
}

async function unlessUnserved<T>(items: Promise<readonly T[]>): Promise<readonly T[]> {
  try {
    return await items;
  } catch (error) {
    if (error instanceof ApiStatusError && error.status === 404) return [];
    throw error;
  }
}

/** The Gateway often belongs to somebody else; undefined when it may not be read. */
async function readGateway(api: ApiClient, namespace: string, name: string, signal: AbortSignal): Promise<Gateway | undefined> {
  const path = `/apis/gateway.networking.k8s.io/v1/namespaces/${namespace}/gateways/${name}`;
  const found = await reading("get", "gateways.gateway.networking.k8s.io", () => api.find(path, gatewaySchema, signal));
  return found.kind === "known" ? found.value : undefined;
}
