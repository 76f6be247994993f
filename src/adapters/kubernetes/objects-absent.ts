import { z } from "zod";
import { inParallel } from "../../domain/in-parallel.ts";
import type { ObjectReference } from "../../ports/cluster-objects.ts";
import type { ApiClient } from "./api-client.ts";
import { ApiStatusError } from "./api-errors.ts";
import { readDiscovery } from "./facts/discovery.ts";
import { objectSchema } from "./objects-shapes.ts";

const resourcesSchema = z.object({ resources: z.array(z.object({ name: z.string(), kind: z.string(), namespaced: z.boolean() })) });

/** The resources of a group version by kind. */
type Resources = ReadonlyMap<string, { readonly plural: string; readonly namespaced: boolean }>;

/** Objects looked for at a time. */
const width = 8;

/** The metadata of an object is all that is wanted of it. */
const metadataOnly = "application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1,application/json";

/** Those of the objects that the API server does not have; what it refuses to show counts as there. */
export async function absentObjects(
  client: ApiClient,
  objects: readonly ObjectReference[],
  signal: AbortSignal,
): Promise<readonly ObjectReference[]> {
  const versions = new Map<string, Resources | "hidden">();
  await inParallel(new Set(objects.map(({ apiVersion }) => apiVersion)), width, signal, async (apiVersion, running) => {
    versions.set(apiVersion, await readResources(client, apiVersion, running));
  });
  const absent = new Set<ObjectReference>();
  await inParallel(objects, width, signal, async (object, running) => {
    const resources = versions.get(object.apiVersion);
    if (resources === undefined || resources === "hidden") return;
    const resource = resources.get(object.kind);
    const there = resource !== undefined && (await isThere(client, pathOf(object, resource), running));
    if (!there) absent.add(object);
  });
  return objects.filter((object) => absent.has(object));
}

/** What a group version serves: nothing when the server has no such version; `hidden` when that cannot be told. */
async function readResources(client: ApiClient, apiVersion: string, signal: AbortSignal): Promise<Resources | "hidden"> {
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

async function isThere(client: ApiClient, path: string, signal: AbortSignal): Promise<boolean> {
  try {
    await client.request({ method: "GET", path, accept: metadataOnly, signal }, objectSchema);
    return true;
  } catch (error) {
    if (error instanceof ApiStatusError && error.status === 403) return true;
    if (error instanceof ApiStatusError && error.status === 404) return false;
    throw error;
  }
}

function rootOf(apiVersion: string): string {
  return apiVersion.includes("/") ? `/apis/${apiVersion}` : `/api/${apiVersion}`;
}

function pathOf(
  { apiVersion, name, namespace }: ObjectReference,
  { plural, namespaced }: { readonly plural: string; readonly namespaced: boolean },
): string {
  const space = namespaced ? `namespaces/${encodeURIComponent(namespace)}/` : "";
  return `${rootOf(apiVersion)}/${space}${plural}/${encodeURIComponent(name)}`;
}
