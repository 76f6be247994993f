import { Problem } from "../../domain/errors/problem.ts";
import type { ReleaseScope } from "../../ports/cluster-workloads.ts";
import type { StatusPorts } from "../../workflow/status/read-status.ts";
import type { Globals } from "../global-flags.ts";
import { connect } from "./connect.ts";

/** What status reads through: the cluster, the record that migratectl keeps there, and the database's pod. */
export async function statusPorts(scope: ReleaseScope, globals: Globals, context: string | undefined): Promise<StatusPorts> {
  const { createBackupHost } = await import("../../adapters/kubernetes/backup-host/backup-host.ts");
  const { createScratchDatabases } = await import("../../adapters/kubernetes/backup-host/scratch-databases.ts");
  const { createPodExec } = await import("../../adapters/kubernetes/exec/pod-exec.ts");
  const { createWorkloads } = await import("../../adapters/kubernetes/workloads/workloads.ts");
  const { readRecord } = await import("../../workflow/run/record-book.ts");
  const { client, objects, proxies } = await connect(globals, context);
  const exec = createPodExec(client.config, proxies);
  return {
    workloads: createWorkloads(client, () => new Date()),
    beside: { host: createBackupHost(client, exec, scope), scratch: createScratchDatabases(client, exec, scope) },
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
