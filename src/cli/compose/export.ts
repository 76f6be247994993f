import type { ReleaseScope } from "../../ports/cluster-workloads.ts";
import type { ExportPorts, ExportRequest } from "../../workflow/backup/export-backups.ts";
import type { Globals } from "../global-flags.ts";
import type { Sized } from "../presenters/profile.ts";
import { backupPorts } from "./backup.ts";
import { connect } from "./connect.ts";

/** Joins what exporting works through, and who is exported. */
export async function exportPorts(
  scope: ReleaseScope,
  context: string | undefined,
  globals: Globals,
): Promise<Sized<ExportPorts & { readonly release: ExportRequest["release"] }>> {
  const { backupPod } = await import("../../adapters/kubernetes/backup-host/backup-host.ts");
  const { createRepositoryFiles } = await import("../../adapters/kubernetes/backup-host/repository-files.ts");
  const { createWorkloads } = await import("../../adapters/kubernetes/workloads/workloads.ts");
  const { exportFiles } = await import("../../adapters/node/export-file/write-export.ts");
  const { host, exec, clock, progress, profile } = await backupPorts(scope, context, globals);
  const { client } = await connect(globals, context);
  const helm = await createWorkloads(client, () => clock.now()).helmRelease(scope, globals.signal);
  const version = helm.kind === "known" ? helm.value?.appVersion : undefined;
  return {
    host,
    files: createRepositoryFiles(exec, (signal) => backupPod(client, scope, signal)),
    exports: exportFiles,
    clock,
    progress,
    profile,
    release: { name: scope.release, namespace: scope.namespace, version: version ?? "unknown" },
  };
}
