import { z } from "zod";

/** Media type of a list that leaves out everything but the metadata. */
export const metadataOnly = "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1";

/** A time as the API writes it; absent and null are the same. */
export const time = z
  .string()
  .nullish()
  .transform((text) => (text === null || text === undefined ? undefined : new Date(text)));

/** Labels or annotations. */
export const stringMap = z
  .record(z.string(), z.string())
  .nullish()
  .transform((map) => map ?? {});

/** A list that the API leaves out or writes as null when it is empty. */
export function many<T extends z.ZodType>(item: T) {
  return z
    .array(item)
    .nullish()
    .transform((items) => items ?? []);
}

/** The part of every object's metadata that is read here. */
export const metadata = z.object({
  name: z.string(),
  uid: z.string().default(""),
  labels: stringMap,
  annotations: stringMap,
  generation: z.number().default(0),
  creationTimestamp: time,
  deletionTimestamp: time,
  ownerReferences: many(z.object({ kind: z.string(), name: z.string(), controller: z.boolean().default(false) })),
});

/** The metadata of an object, parsed. */
export type Metadata = z.infer<typeof metadata>;

/** A condition, parsed to the domain's word. */
export const condition = z
  .object({
    type: z.string(),
    status: z.enum(["True", "False", "Unknown"]),
    reason: z.string().nullish(),
    message: z.string().nullish(),
    lastTransitionTime: time,
  })
  .transform((one) => ({
    type: one.type,
    status: one.status,
    reason: one.reason ?? "",
    message: one.message ?? "",
    ...(one.lastTransitionTime === undefined ? {} : { since: one.lastTransitionTime }),
  }));

/** The name under which people know the workload: the label of its name, else of its component, else the object's name. */
export function componentOf(meta: Metadata): string {
  return meta.labels["app.kubernetes.io/name"] ?? meta.labels["app.kubernetes.io/component"] ?? meta.name;
}

/** The object that controls this one. */
export function controllerOf(meta: Metadata): { readonly kind: string; readonly name: string } | undefined {
  const owner = meta.ownerReferences.find((one) => one.controller);
  return owner === undefined ? undefined : { kind: owner.kind, name: owner.name };
}
