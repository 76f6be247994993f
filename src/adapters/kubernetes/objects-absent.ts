import { inParallel } from "../../domain/in-parallel.ts";
import type { ObjectReference } from "../../domain/manifest/release-objects.ts";
import type { ApiClient } from "./api-client.ts";
import { ApiStatusError } from "./api-errors.ts";
import { type ApiResources, pathOf, readResources } from "./api-resources.ts";
import { objectSchema } from "./objects-shapes.ts";

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
  const versions = new Map<string, ApiResources | "hidden">();
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
