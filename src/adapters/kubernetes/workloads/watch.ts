import { setTimeout as pause } from "node:timers/promises";
import type { ReleaseScope } from "../../../ports/cluster-workloads.ts";
import type { ApiClient } from "../api-client.ts";

/** Milliseconds between the end of a watch and the next try; without a watch this is how often a change is told on suspicion. */
const retryPause = 2_000;
/** Seconds after which the API server ends a watch; our own end of it comes a little later, for a connection that died silently. */
const watchSeconds = 240;
const endSeconds = watchSeconds + 20;

/** Names and labels suffice: what changed is read by whoever looks. */
const metadataOnly = "application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1";

/**
 * Calls `changed` for everything that the API server tells of the release's pods and workloads. Nothing of it is read or kept, so memory stays
 * as it is however much comes. A watch begins by telling of every object that is there: what happened while there was none is not missed.
 */
export function watchRelease(api: ApiClient, { release, namespace }: ReleaseScope, changed: () => void, signal: AbortSignal): void {
  const collections = [
    `/api/v1/namespaces/${namespace}/pods`,
    `/apis/apps/v1/namespaces/${namespace}/deployments`,
    `/apis/apps/v1/namespaces/${namespace}/statefulsets`,
    `/apis/batch/v1/namespaces/${namespace}/jobs`,
  ];
  for (const path of collections) void follow(api, path, `app.kubernetes.io/instance=${release}`, changed, signal);
}

/** Watches one collection again and again until the signal aborts; never rejects. */
async function follow(api: ApiClient, path: string, labelSelector: string, changed: () => void, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    const end = AbortSignal.any([signal, AbortSignal.timeout(endSeconds * 1000)]);
    // Why a watch ended (refused, cut, expired) makes no difference: the next look tells what can still be read.
    await stream(api, path, labelSelector, changed, end).catch(() => undefined);
    if (signal.aborted) return;
    changed();
    await pause(retryPause, undefined, { signal }).catch(() => undefined);
  }
}

/** Hands every piece of one watch to `changed`; resolves at its end. */
function stream(api: ApiClient, path: string, labelSelector: string, changed: () => void, signal: AbortSignal): Promise<void> {
  // Version 0 begins at whatever the API server has in memory; without it the server may first wait for its store, for seconds.
  const query = { watch: true, labelSelector, resourceVersion: "0", timeoutSeconds: watchSeconds };
  return api.stream({ method: "GET", path, query, accept: metadataOnly, signal }, changed);
}
