import { z } from "zod";
import { clusterWide, helpful, type Right } from "../../../domain/facts/rights.ts";
import type { ReleaseHealth } from "../../../ports/release-health.ts";
import type { ApiClient } from "../api-client.ts";
import { reading } from "../api-errors.ts";
import { newestRecord, recordedIn } from "../workloads/read-helm.ts";
import { many, metadata, metadataOnly } from "../workloads/shapes.ts";
import { readBelongings } from "./read-belongings.ts";
import { readNodeStats } from "./read-node-stats.ts";

const purpose = "look after an installed release";

/** The rights that each method uses. */
export const releaseHealthRights: Readonly<Record<keyof ReleaseHealth, readonly Right[]>> = {
  recorded: helpful(purpose, "list,get secrets"),
  tlsSecrets: helpful(purpose, "list secrets"),
  secretKeys: helpful(purpose, "get secrets"),
  nodeStats: clusterWide(helpful("see how full the volumes are", "get nodes/proxy")),
  belongings: helpful(purpose, "list pods", "list jobs.batch", "list configmaps", "list persistentvolumeclaims"),
};

const namesSchema = z.object({ items: many(z.object({ metadata })) });

// The schema drops the values at the door.
const keysSchema = z.object({
  data: z
    .record(z.string(), z.unknown())
    .nullish()
    .transform((data) => Object.keys(data ?? {})),
});

/** Reads what the health of a release hangs on, over the Kubernetes API. */
export function createReleaseHealth(api: ApiClient): ReleaseHealth {
  return {
    recorded: (scope, signal) =>
      reading("list", "secrets", async () => {
        const record = await newestRecord(api, scope, signal);
        return record === undefined ? undefined : recordedIn(record);
      }),
    tlsSecrets: ({ release, namespace }, signal) =>
      reading("list", "secrets", async () => {
        const query = { labelSelector: `app.kubernetes.io/instance=${release}`, fieldSelector: "type=kubernetes.io/tls" };
        const path = `/api/v1/namespaces/${namespace}/secrets`;
        const { items } = await api.request({ method: "GET", path, query, accept: metadataOnly, signal }, namesSchema);
        return items.map((item) => item.metadata.name).sort();
      }),
    secretKeys: (namespace, name, signal) =>
      reading(
        "get",
        `secrets/${name}`,
        async () => (await api.find(`/api/v1/namespaces/${namespace}/secrets/${name}`, keysSchema, signal))?.data,
      ),
    nodeStats: (nodes, namespace, signal) => readNodeStats(api, nodes, namespace, signal),
    belongings: (scope, signal) => readBelongings(api, scope, signal),
  };
}
