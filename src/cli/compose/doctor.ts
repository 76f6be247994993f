import type { ReleaseScope } from "../../ports/cluster-workloads.ts";
import type { DoctorPorts } from "../../workflow/doctor/gather.ts";
import type { Globals } from "../global-flags.ts";
import { connect } from "./connect.ts";

/** What doctor reads through: the cluster, the kubelets, and the database's pod. */
export async function doctorPorts(scope: ReleaseScope, globals: Globals, context: string | undefined): Promise<DoctorPorts> {
  const { createBackupHost } = await import("../../adapters/kubernetes/backup-host/backup-host.ts");
  const { createReplicationState } = await import("../../adapters/kubernetes/backup-host/replication-state.ts");
  const { createPodExec } = await import("../../adapters/kubernetes/exec/pod-exec.ts");
  const { kubernetesFacts } = await import("../../adapters/kubernetes/facts/cluster-facts.ts");
  const { createReleaseHealth } = await import("../../adapters/kubernetes/release-health/release-health.ts");
  const { createWorkloads } = await import("../../adapters/kubernetes/workloads/workloads.ts");
  const { systemClock } = await import("../../adapters/node/clock.ts");
  const { client, objects, proxies } = await connect(globals, context);
  const exec = createPodExec(client.config, proxies);
  return {
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
