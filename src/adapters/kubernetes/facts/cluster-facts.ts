import { z } from "zod";
import type { Facts } from "../../../domain/facts/facts.ts";
import { known, unavailable } from "../../../domain/reading.ts";
import type { ClusterFacts } from "../../../ports/cluster-facts.ts";
import type { ReleaseScope } from "../../../ports/cluster-workloads.ts";
import type { ApiClient } from "../api-client.ts";
import { reading } from "../api-errors.ts";
import { installRights } from "../install-rights.ts";
import { newestRecord, recordedApisIn } from "../workloads/read-helm.ts";
import { readCluster } from "./cluster.ts";
import { readDiscovery } from "./discovery.ts";
import { readHelmRevisions, readLimits, readNamespace, readQuotas } from "./namespace.ts";
import { readNodes } from "./nodes.ts";
import { collect, metadataSchema, namedSchema } from "./objects.ts";
import { readPods } from "./pods.ts";
import { readRights } from "./rights.ts";
import { readClaims, readProvisioners, readStorageCapacities, readStorageClasses, readVolumes } from "./storage.ts";

const ingressClassSchema = z.object({
  metadata: metadataSchema,
  spec: z.object({ controller: z.string().default("") }).default({ controller: "" }),
});

/** Reads facts from a real API server; every right it lacks becomes a `denied` reading that names the verb and resource. */
export function kubernetesFacts(client: ApiClient): ClusterFacts {
  return {
    cluster: (signal) => readCluster(client, signal),
    discovery: (signal) => reading("get", "the API groups", () => readDiscovery(client, signal)),
    nodes: (signal) => reading("list", "nodes", () => readNodes(client, signal)),
    pods: (namespace, signal) => reading("list", "pods in all namespaces", () => readPods(client, namespace, signal)),
    storageClasses: (signal) => reading("list", "storageclasses.storage.k8s.io", () => readStorageClasses(client, signal)),
    storageCapacities: (signal) =>
      reading("list", "csistoragecapacities.storage.k8s.io in all namespaces", () => readStorageCapacities(client, signal)),
    provisioners: (signal) =>
      reading("list", "csidrivers.storage.k8s.io, leases.coordination.k8s.io in all namespaces", () => readProvisioners(client, signal)),
    volumes: (signal) => reading("list", "persistentvolumes", () => readVolumes(client, signal)),
    ingressClasses: (signal) => reading("list", "ingressclasses.networking.k8s.io", () => readIngressClasses(client, signal)),
    priorityClasses: (signal) =>
      reading("list", "priorityclasses.scheduling.k8s.io", async () =>
        names(await collect(client.list("/apis/scheduling.k8s.io/v1/priorityclasses", namedSchema, signal))),
      ),
    namespace: (name, signal) => reading("get", `namespaces/${name}`, () => readNamespace(client, name, signal)),
    quotas: (namespace, signal) => reading("list", `resourcequotas in namespace ${namespace}`, () => readQuotas(client, namespace, signal)),
    limits: (namespace, signal) => reading("list", `limitranges in namespace ${namespace}`, () => readLimits(client, namespace, signal)),
    helmRevisions: (namespace, signal) =>
      reading("list", `secrets in namespace ${namespace}`, () => readHelmRevisions(client, namespace, signal)),
    recordedApis: async (scope, signal) => {
      const record = await reading("list", `secrets in namespace ${scope.namespace}`, () => newestRecord(client, scope, signal));
      return record.kind === "known" ? recordedApis(record.value, scope) : record;
    },
    claims: (namespace, signal) =>
      reading("list", `persistentvolumeclaims in namespace ${namespace}`, () => readClaims(client, namespace, signal)),
    rights: (namespace, mode, signal) =>
      reading("create", "selfsubjectrulesreviews.authorization.k8s.io", () => readRights(client, namespace, installRights(mode), signal)),
  };
}

function recordedApis(record: string | undefined, { release }: ReleaseScope): Facts["recordedApis"] {
  if (record === undefined) return known([]);
  try {
    return known(recordedApisIn(record).map(({ names, ...api }) => ({ ...api, names: [...names] })));
  } catch {
    // What went wrong is left out: it may quote the record, which holds values.
    return unavailable(`Helm's record of ${release} cannot be read`);
  }
}

async function readIngressClasses(client: ApiClient, signal: AbortSignal) {
  const classes = await collect(client.list("/apis/networking.k8s.io/v1/ingressclasses", ingressClassSchema, signal));
  return classes
    .map(({ metadata, spec }) => ({
      name: metadata.name,
      controller: spec.controller,
      isDefault: metadata.annotations["ingressclass.kubernetes.io/is-default-class"] === "true",
    }))
    .sort((a, b) => (a.name < b.name ? -1 : 1));
}

function names(items: readonly z.infer<typeof namedSchema>[]): string[] {
  return items.map(({ metadata }) => metadata.name).sort();
}
