import type { ApiClient } from "../../adapters/kubernetes/api-client.ts";
import type { Actor } from "../../domain/plan/record.ts";
import type { Helm } from "../../ports/helm.ts";
import type { CarriedHelm } from "../../workflow/release/stage-release.ts";
import type { LeasePorts } from "../../workflow/run/lease.ts";
import type { RunnerPorts } from "../../workflow/run/runner.ts";
import type { Globals } from "../global-flags.ts";
import { type Cluster, connect } from "./connect.ts";
import { loggedProgress } from "./logged-progress.ts";

/** What every workflow that changes the cluster works through. */
export interface ClusterRun extends RunnerPorts, LeasePorts {
  readonly client: ApiClient;
  readonly helm: Helm;
  readonly by: (signal: AbortSignal) => Promise<Actor>;
}

/** Joins the adapters for one run; `context` is the answers', and `carriedHelm` the helm of the bundle. */
export async function clusterRun(
  workflow: string,
  globals: Globals,
  context: string | undefined,
  carriedHelm: CarriedHelm | undefined,
): Promise<ClusterRun> {
  const cluster = await connect(globals, context);
  const { client, objects } = cluster;
  const { systemClock } = await import("../../adapters/node/clock.ts");
  const { createOperator, operatorName } = await import("../../adapters/node/operator.ts");
  const { createRunStore, newRunId, runsFolder } = await import("../../adapters/node/run-store.ts");
  const { createReleaseRecords } = await import("../../adapters/kubernetes/release-records/release-records.ts");
  const { mappingHelm } = await import("../../workflow/release/mapping-helm.ts");
  const run = createRunStore(runsFolder(process.env), newRunId(workflow, systemClock.now()));
  // A dry run leaves no run directory behind.
  const progress = globals.dryRun ? globals.progress : loggedProgress(globals.progress, run);
  const helm = await cluster.helm({ carried: carriedHelm, ...(globals.dryRun ? {} : { log: logTo(run) }) });
  return {
    client,
    objects,
    clock: systemClock,
    operator: createOperator(),
    run,
    progress,
    helm: mappingHelm({ helm, records: createReleaseRecords(client), progress, clock: systemClock }),
    by: async (signal) => ({ cluster: await objects.userName(signal), host: operatorName() }),
  };
}

/** The cluster of the flags and answers. */
export async function clusterObjects(globals: Globals, context: string | undefined): Promise<Pick<Cluster, "client" | "objects">> {
  return await connect(globals, context);
}

/** Output of helm goes into the run directory; that it cannot be written must not stop helm's work from being used. */
function logTo(run: RunnerPorts["run"]): (text: string) => Promise<void> {
  return (text) => run.append("helm.log", text).catch(() => undefined);
}
