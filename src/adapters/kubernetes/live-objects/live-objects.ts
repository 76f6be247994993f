import { z } from "zod";
import type { LiveObject } from "../../../domain/diff/drift.ts";
import { helpful, type Right } from "../../../domain/facts/rights.ts";
import { inParallel } from "../../../domain/in-parallel.ts";
import { groupOf, type ObjectReference } from "../../../domain/manifest/release-objects.ts";
import { known, type Reading } from "../../../domain/reading.ts";
import type { LiveObjects } from "../../../ports/live-objects.ts";
import { chartResources } from "../../helm/rights.ts";
import type { ApiClient } from "../api-client.ts";
import { reading } from "../api-errors.ts";
import { type ApiResources, pathOf, readResources } from "../api-resources.ts";

/** The rights that each method uses. Those for kinds that only some answers make are no others than helm needs for them. */
export const liveObjectsRights: Readonly<Record<keyof LiveObjects, readonly Right[]>> = {
  read: helpful("see what somebody changed", ...chartResources.map((resource) => `get ${resource}`)),
};

/** Objects read at a time: as many as the client keeps connections for. */
const width = 16;

const managedFieldsSchema = z.object({
  manager: z.string().default(""),
  operation: z.string().default(""),
  subresource: z.string().optional(),
  time: z.string().optional(),
  fieldsV1: z.unknown(),
});

const objectSchema = z.looseObject({ metadata: z.looseObject({ managedFields: z.array(managedFieldsSchema).default([]) }) });

/** Whole objects, one request each, through the API server. */
export function createLiveObjects(client: ApiClient): LiveObjects {
  return {
    read: async (objects, signal) => {
      const versions = new Map<string, Reading<ApiResources | "hidden">>();
      await inParallel(new Set(objects.map(({ apiVersion }) => apiVersion)), width, signal, async (apiVersion, running) => {
        versions.set(apiVersion, await reading("get", apiVersion, () => readResources(client, apiVersion, running)));
      });
      const seen = new Map<ObjectReference, Reading<LiveObject | undefined>>();
      await inParallel(objects, width, signal, async (object, running) => {
        seen.set(object, await readOne(client, object, versions.get(object.apiVersion), running));
      });
      return objects.flatMap((object) => seen.get(object) ?? []);
    },
  };
}

async function readOne(
  client: ApiClient,
  object: ObjectReference,
  resources: Reading<ApiResources | "hidden"> | undefined,
  signal: AbortSignal,
): Promise<Reading<LiveObject | undefined>> {
  if (resources === undefined || resources.kind !== "known") return resources ?? known(undefined);
  if (resources.value === "hidden") return denied(object.apiVersion);
  const resource = resources.value.get(object.kind);
  if (resource === undefined) return known(undefined);
  const group = groupOf(object);
  const name = group === "" ? resource.plural : `${resource.plural}.${group}`;
  return await reading("get", name, async () => {
    const found = await client.find(pathOf(object, resource), objectSchema, signal);
    return found === undefined ? undefined : liveObject(found);
  });
}

function liveObject(found: z.infer<typeof objectSchema>): LiveObject {
  const { managedFields, ...metadata } = found.metadata;
  return {
    body: { ...found, metadata },
    managedFields: managedFields.map(({ fieldsV1, ...owner }) => ({ ...owner, fields: fieldsV1 })),
  };
}

/** Not even what the cluster serves may be asked. */
function denied(apiVersion: string): Reading<never> {
  return { kind: "denied", verb: "get", resource: apiVersion, message: `what ${apiVersion} serves may not be read` };
}
