import { z } from "zod";
import { podRequests } from "../../../domain/capacity/pod-requests.ts";
import { podSpecSchema } from "../../../domain/capacity/pod-spec.ts";
import { addResources, formatResources, type Resources } from "../../../domain/capacity/resources.ts";
import type { PodUse } from "../../../domain/facts/node.ts";
import type { ApiClient } from "../api-client.ts";
import { metadataSchema } from "./objects.ts";

const podSchema = z.object({
  metadata: metadataSchema,
  spec: podSpecSchema,
  status: z.object({ phase: z.string().optional() }).default({}),
});

type Held = { requests: Resources; pods: number };

/** What all unfinished pods hold, added up page by page so that 30,000 of them never lie in memory at once. */
export async function readPods(client: ApiClient, namespace: string, signal: AbortSignal): Promise<PodUse> {
  const nodes = new Map<string, Held>();
  const waiting: Held = { requests: {}, pods: 0 };
  const own: PodUse["namespace"][number][] = [];
  const images = new Set<string>();
  const unfinished = { fieldSelector: "status.phase!=Succeeded,status.phase!=Failed" };
  for await (const { metadata, spec } of client.list("/api/v1/pods", podSchema, signal, unfinished)) {
    const requests = podRequests(spec);
    const node = spec.nodeName ?? "";
    add(node === "" ? waiting : at(nodes, node), requests);
    for (const container of [...spec.containers, ...(spec.initContainers ?? [])]) images.add(repositoryOf(container.image));
    if (metadata.namespace === namespace)
      own.push({ name: metadata.name, node, labels: metadata.labels, requests: formatResources(requests) });
  }
  const formatted = ({ requests, pods }: Held) => ({ requests: formatResources(requests), pods });
  return {
    nodes: Object.fromEntries([...nodes].sort(([a], [b]) => (a < b ? -1 : 1)).map(([name, held]) => [name, formatted(held)])),
    waiting: formatted(waiting),
    namespace: own.sort((a, b) => (a.name < b.name ? -1 : 1)),
    images: [...images].sort(),
  };
}

function at(nodes: Map<string, Held>, name: string): Held {
  const held = nodes.get(name) ?? { requests: {}, pods: 0 };
  nodes.set(name, held);
  return held;
}

function add(held: Held, requests: Resources): void {
  held.requests = addResources(held.requests, requests);
  held.pods += 1;
}

function repositoryOf(image: string): string {
  return image.replace(/@.*$/, "").replace(/:[^:/]*$/, "");
}
