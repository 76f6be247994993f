import { z } from "zod";
import { type Descriptor, descriptorSchema } from "./descriptor.ts";
import { isIndexType } from "./media-type.ts";

/** Largest manifest that is read into memory; registries refuse bigger ones (distribution spec, "Pushing Manifests"). */
export const largestManifest = 4 * 1024 * 1024;

const indexSchema = z.object({ schemaVersion: z.literal(2), manifests: z.array(descriptorSchema) });
const imageSchema = z.object({ schemaVersion: z.literal(2), config: descriptorSchema, layers: z.array(descriptorSchema) });

/**
 * What a manifest refers to, in its order: the manifests of an index, or the config and the layers of an image.
 * @throws SyntaxError, ZodError when the bytes are no manifest of that media type
 */
export function childrenOf(mediaType: string, content: Uint8Array): readonly Descriptor[] {
  const json: unknown = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(content));
  if (isIndexType(mediaType)) return indexSchema.parse(json).manifests;
  const { config, layers } = imageSchema.parse(json);
  return [config, ...layers];
}
