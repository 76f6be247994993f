import type { ApiClient } from "../../adapters/kubernetes/api-client.ts";
import type { ReleaseScope } from "../../ports/cluster-workloads.ts";

/** Sizing profile of what is installed, from Helm's record; undefined when there is none or it may not be read. Throws CLUSTER_* when the API gives no answer. */
export async function installedProfile(client: ApiClient, scope: ReleaseScope, signal: AbortSignal): Promise<string | undefined> {
  const { createWorkloads } = await import("../../adapters/kubernetes/workloads/workloads.ts");
  const { systemClock } = await import("../../adapters/node/clock.ts");
  const helm = await createWorkloads(client, () => systemClock.now()).helmRelease(scope, signal);
  return helm.kind === "known" ? helm.value?.profile : undefined;
}
