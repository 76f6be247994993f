import { Problem } from "../../domain/errors/problem.ts";
import type { StatusPorts } from "../../workflow/status/read-status.ts";
import type { Globals } from "../global-flags.ts";

/** What status reads through: the cluster, and the record that migratectl keeps there. */
export async function statusPorts(globals: Globals, context: string | undefined): Promise<StatusPorts> {
  const { loadKubeConfig } = await import("../../adapters/kubernetes/connection.ts");
  const { ApiClient } = await import("../../adapters/kubernetes/api-client.ts");
  const { createWorkloads } = await import("../../adapters/kubernetes/workloads/workloads.ts");
  const { createClusterObjects } = await import("../../adapters/kubernetes/objects.ts");
  const { readRecord } = await import("../../workflow/run/record-book.ts");
  const client = new ApiClient(loadKubeConfig({ kubeconfig: globals.kubeconfig, context, environment: process.env["KUBECONFIG"] }));
  const objects = createClusterObjects(client);
  return {
    workloads: createWorkloads(client, () => new Date()),
    record: {
      async latest({ namespace }, signal) {
        try {
          return (await readRecord(objects, namespace, signal))?.record.entries.at(-1);
        } catch (error) {
          // Who did it last is worth a line, not the whole status.
          if (error instanceof Problem && error.code === "CLUSTER_FORBIDDEN") return undefined;
          throw error;
        }
      },
    },
  };
}
