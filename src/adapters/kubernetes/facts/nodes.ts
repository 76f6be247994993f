import { z } from "zod";
import { resourceListSchema } from "../../../domain/capacity/resources.ts";
import { taintSchema } from "../../../domain/capacity/selectors.ts";
import type { NodeFact } from "../../../domain/facts/node.ts";
import type { ApiClient } from "../api-client.ts";
import { collect, metadataSchema } from "./objects.ts";

const nodeSchema = z.object({
  metadata: metadataSchema,
  spec: z.object({ unschedulable: z.boolean().optional(), taints: z.array(taintSchema).nullish() }).default({}),
  status: z
    .object({
      allocatable: z.record(z.string(), z.string()).nullish(),
      conditions: z.array(z.object({ type: z.string(), status: z.string() })).nullish(),
      nodeInfo: z
        .object({ architecture: z.string(), operatingSystem: z.string(), containerRuntimeVersion: z.string(), kubeletVersion: z.string() })
        .partial()
        .nullish(),
    })
    .default({}),
});

/** Every node of the cluster, in order of name. */
export async function readNodes(client: ApiClient, signal: AbortSignal): Promise<NodeFact[]> {
  const nodes = await collect(client.list("/api/v1/nodes", nodeSchema, signal));
  return nodes.map(toFact).sort((a, b) => (a.name < b.name ? -1 : 1));
}

function toFact({ metadata, spec, status }: z.infer<typeof nodeSchema>): NodeFact {
  const info = status.nodeInfo ?? {};
  return {
    name: metadata.name,
    labels: metadata.labels,
    taints: spec.taints ?? [],
    unschedulable: spec.unschedulable === true,
    conditions: Object.fromEntries((status.conditions ?? []).map(({ type, status: state }) => [type, state])),
    allocatable: resourceListSchema.catch({}).parse(status.allocatable ?? {}),
    architecture: info.architecture || (metadata.labels["kubernetes.io/arch"] ?? ""),
    os: info.operatingSystem || (metadata.labels["kubernetes.io/os"] ?? ""),
    runtime: info.containerRuntimeVersion ?? "",
    kubelet: info.kubeletVersion ?? "",
  };
}
