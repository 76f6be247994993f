import { z } from "zod";

/** metadata of any object, as far as facts need it. */
export const metadataSchema = z.object({
  name: z.string(),
  namespace: z.string().default(""),
  uid: z.string().default(""),
  labels: z
    .record(z.string(), z.string())
    .nullish()
    .transform((labels) => labels ?? {}),
  annotations: z
    .record(z.string(), z.string())
    .nullish()
    .transform((annotations) => annotations ?? {}),
  creationTimestamp: z
    .string()
    .nullish()
    .transform((moment) => moment ?? ""),
  deletionTimestamp: z.string().nullish(),
});

/** An object of which only the metadata matters. */
export const namedSchema = z.object({ metadata: metadataSchema });

/** All items of a paged list. */
export async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const item of items) all.push(item);
  return all;
}
