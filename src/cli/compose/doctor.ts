import { join } from "node:path";
import type { ReleaseScope } from "../../ports/cluster-workloads.ts";
import type { FixPorts } from "../../workflow/doctor/fix.ts";
import type { DoctorPorts } from "../../workflow/doctor/gather.ts";
import type { Globals } from "../global-flags.ts";
import { clusterRun } from "./cluster-run.ts";
import { confirmList } from "./confirm-plan.ts";
import { connect } from "./connect.ts";

/** What `doctor --fix` mends through, beside what doctor reads through. */
export async function fixPorts(scope: ReleaseScope, globals: Globals, context: string | undefined): Promise<FixPorts> {
  const { helm, operator, by, run, objects, clock } = await clusterRun("repair", globals, context, undefined);
  const confirm = (texts: readonly string[]) => confirmList("What is going to be done:", texts, globals);
  return { ...(await doctorPorts(scope, globals, context)), helm, operator, by, run: run.id, objects, clock, confirm };
}

/** What doctor reads through: the cluster, the kubelets, and the database's pod. */
export async function doctorPorts(scope: ReleaseScope, globals: Globals, context: string | undefined): Promise<DoctorPorts> {
  const { createBackupHost } = await import("../../adapters/kubernetes/backup-host/backup-host.ts");
  const { createReplicationState } = await import("../../adapters/kubernetes/backup-host/replication-state.ts");
  const { createPodExec } = await import("../../adapters/kubernetes/exec/pod-exec.ts");
  const { kubernetesFacts } = await import("../../adapters/kubernetes/facts/cluster-facts.ts");
  const { createReleaseHealth } = await import("../../adapters/kubernetes/release-health/release-health.ts");
  const { createWorkloads } = await import("../../adapters/kubernetes/workloads/workloads.ts");
  const { systemClock } = await import("../../adapters/node/clock.ts");
  const { createRunStore, runsFolder } = await import("../../adapters/node/run-store.ts");
  const { client, objects, proxies } = await connect(globals, context);
  const exec = createPodExec(client.config, proxies);
  const cluster = (await objects.clusterUid(scope.namespace, globals.signal)) ?? "unknown";
  const folder = join(runsFolder(process.env), "../releases");
  const notebook = createRunStore(folder, [cluster, scope.namespace, scope.release].join("_").replaceAll(/[^\w.-]/g, "-"));
  return {
    // A dry run leaves nothing behind.
    notebook: globals.dryRun ? { read: notebook.read, write: async () => undefined } : notebook,
    workloads: createWorkloads(client, () => systemClock.now()),
    health: createReleaseHealth(client),
    objects,
    cluster: kubernetesFacts(client),
    host: createBackupHost(client, exec, scope),
    replication: createReplicationState(client, exec, scope),
    clock: systemClock,
    progress: globals.progress,
  };
}
