import { z } from "zod";
import type { NodeStats } from "../../../domain/doctor/node-stats.ts";
import { known, type Reading } from "../../../domain/reading.ts";
import type { ApiClient } from "../api-client.ts";
import { reading } from "../api-errors.ts";
import { many } from "../workloads/shapes.ts";

const figure = z.number().nullish();

/** What a kubelet tells at /stats/summary, as far as it is read; figures are left out while they are not known. */
export const summarySchema = z.object({
  pods: many(
    z.object({
      podRef: z.object({ name: z.string(), namespace: z.string() }),
      containers: many(z.object({ name: z.string(), memory: z.object({ workingSetBytes: figure }).nullish() })),
      volume: many(
        z.object({
          pvcRef: z.object({ name: z.string(), namespace: z.string() }).nullish(),
          usedBytes: figure,
          capacityBytes: figure,
          inodes: figure,
          inodesUsed: figure,
        }),
      ),
    }),
  ),
});
type Summary = z.infer<typeof summarySchema>;

/** Asks the kubelets through the API server. Where one may not be asked none is; one that does not answer keeps nothing of the others back. */
export async function readNodeStats(
  api: ApiClient,
  nodes: readonly string[],
  namespace: string,
  signal: AbortSignal,
): Promise<Reading<NodeStats>> {
  const asked = await Promise.all(
    nodes.map(async (node) => {
      const path = `/api/v1/nodes/${node}/proxy/stats/summary`;
      return { node, summary: await reading("get", "nodes/proxy", () => api.request({ method: "GET", path, signal }, summarySchema)) };
    }),
  );
  const refused = asked.map(({ summary }) => summary).find(({ kind }) => kind === "denied");
  if (refused !== undefined && refused.kind !== "known") return refused;
  const told = asked.flatMap(({ summary }) => (summary.kind === "known" ? fromSummary(summary.value, namespace) : []));
  return known({
    // Volumes that several pods mount are told by each.
    claims: [...new Map(told.flatMap(({ claims }) => claims).map((one) => [one.claim, one])).values()],
    containers: told.flatMap(({ containers }) => containers),
    silent: asked.flatMap(({ node, summary }) => (summary.kind === "known" ? [] : [node])),
  });
}

/** The pods of a namespace, in the domain's words. */
export function fromSummary({ pods }: Summary, namespace: string): Pick<NodeStats, "claims" | "containers"> {
  const own = pods.filter(({ podRef }) => podRef.namespace === namespace);
  return {
    claims: own.flatMap(({ volume }) => volume.flatMap(claimUse)),
    containers: own.flatMap(({ podRef, containers }) =>
      containers.flatMap(({ name, memory }) =>
        memory?.workingSetBytes == null ? [] : [{ pod: podRef.name, container: name, bytes: memory.workingSetBytes }],
      ),
    ),
  };
}

function claimUse({
  pvcRef,
  usedBytes,
  capacityBytes,
  inodes,
  inodesUsed,
}: Summary["pods"][number]["volume"][number]): NodeStats["claims"] {
  if (pvcRef == null || usedBytes == null || capacityBytes == null) return [];
  return [
    {
      claim: pvcRef.name,
      used: usedBytes,
      capacity: capacityBytes,
      ...(inodes == null || inodesUsed == null ? {} : { inodes: { used: inodesUsed, capacity: inodes } }),
    },
  ];
}
