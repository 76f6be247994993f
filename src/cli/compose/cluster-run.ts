import type { ApiClient } from "../../adapters/kubernetes/api-client.ts";
import type { Actor } from "../../domain/plan/record.ts";
import type { ClusterObjects } from "../../ports/cluster-objects.ts";
import type { Helm } from "../../ports/helm.ts";
import type { LeasePorts } from "../../workflow/run/lease.ts";
import type { RunnerPorts } from "../../workflow/run/runner.ts";
import type { Globals } from "../global-flags.ts";
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
  carriedHelm: string | undefined,
): Promise<ClusterRun> {
  const { client, objects } = await clusterObjects(globals, context);
  const { createHelm } = await import("../../adapters/helm/helm.ts");
  const { systemClock } = await import("../../adapters/node/clock.ts");
  const { createOperator, operatorName } = await import("../../adapters/node/operator.ts");
  const { createRunStore, newRunId, runsFolder } = await import("../../adapters/node/run-store.ts");
  const run = createRunStore(runsFolder(process.env), newRunId(workflow, systemClock.now()));
  return {
    client,
    objects,
    clock: systemClock,
    operator: createOperator(),
    run,
    progress: loggedProgress(globals.progress, run),
    helm: createHelm({
      environment: process.env,
      kubeconfig: globals.kubeconfig,
      context: globals.context ?? context,
      carried: carriedHelm,
      log: logTo(run),
    }),
    by: async (signal) => ({ cluster: await objects.userName(signal), host: operatorName() }),
  };
}

/** The cluster of the flags and answers. */
export async function clusterObjects(
  globals: Globals,
  context: string | undefined,
): Promise<{ readonly client: ApiClient; readonly objects: ClusterObjects }> {
  const { loadKubeConfig } = await import("../../adapters/kubernetes/connection.ts");
  const { ApiClient } = await import("../../adapters/kubernetes/api-client.ts");
  const { createClusterObjects } = await import("../../adapters/kubernetes/objects.ts");
  const client = new ApiClient(
    loadKubeConfig({ kubeconfig: globals.kubeconfig, context: globals.context ?? context, environment: process.env["KUBECONFIG"] }),
  );
  return { client, objects: createClusterObjects(client) };
}

/** Output of helm goes into the run directory; that it cannot be written must not stop helm's work from being used. */
function logTo(run: RunnerPorts["run"]): (text: string) => Promise<void> {
  return (text) => run.append("helm.log", text).catch(() => undefined);
}
