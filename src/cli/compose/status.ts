import { Problem } from "../../domain/errors/problem.ts";
import type { StatusPorts } from "../../workflow/status/read-status.ts";
import type { Globals } from "../global-flags.ts";
import { connect } from "./connect.ts";

/** What status reads through: the cluster, and the record that migratectl keeps there. */
export async function statusPorts(globals: Globals, context: string | undefined): Promise<StatusPorts> {
  const { createWorkloads } = await import("../../adapters/kubernetes/workloads/workloads.ts");
  const { readRecord } = await import("../../workflow/run/record-book.ts");
  const { client, objects } = await connect(globals, context);
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
