import { z } from "zod";
import type { ObjectReference } from "../../domain/manifest/release-objects.ts";
import type { ApiClient } from "./api-client.ts";
import { ApiStatusError } from "./api-errors.ts";
import { readDiscovery } from "./facts/discovery.ts";

const resourcesSchema = z.object({ resources: z.array(z.object({ name: z.string(), kind: z.string(), namespaced: z.boolean() })) });

/** How the API server calls the objects of a kind. */
export interface ApiResource {
  readonly plural: string;
  readonly namespaced: boolean;
}

/** The resources of a group version by kind. */
export type ApiResources = ReadonlyMap<string, ApiResource>;

/** What a group version serves: nothing when the server has no such version; `hidden` when that cannot be told. @throws ApiStatusError */
export async function readResources(client: ApiClient, apiVersion: string, signal: AbortSignal): Promise<ApiResources | "hidden"> {
  try {
    const { resources } = await client.request({ method: "GET", path: rootOf(apiVersion), signal }, resourcesSchema);
    const whole = resources.filter(({ name }) => !name.includes("/"));
    return new Map(whole.map(({ kind, name, namespaced }) => [kind, { plural: name, namespaced }]));
  } catch (error) {
    if (!(error instanceof ApiStatusError)) throw error;
    if (error.status === 403) return "hidden";
    if (error.status !== 404) throw error;
    // A proxy may answer this way, too: the server's own list says whether it has the version.
    const { served, broken } = await readDiscovery(client, signal);
    const known = [...served.map(({ groupVersion }) => groupVersion), ...broken];
    return known.includes(apiVersion) ? "hidden" : new Map();
  }
}

/** Where the API server has the object. */
export function pathOf({ apiVersion, name, namespace }: ObjectReference, { plural, namespaced }: ApiResource): string {
  const space = namespaced ? `namespaces/${encodeURIComponent(namespace)}/` : "";
  return `${rootOf(apiVersion)}/${space}${plural}/${encodeURIComponent(name)}`;
}

function rootOf(apiVersion: string): string {
  return apiVersion.includes("/") ? `/apis/${apiVersion}` : `/api/${apiVersion}`;
}
