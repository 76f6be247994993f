import { z } from "zod";
import { digestSchema } from "../digest.ts";

/** A descriptor of the OCI image spec; what else it carries (annotations, urls) is kept by whoever keeps the bytes. */
export const descriptorSchema = z.object({
  mediaType: z.string().min(1),
  digest: digestSchema,
  /** Bytes. */
  size: z.int().nonnegative(),
});

/** Names content by digest, size in bytes and media type. */
export type Descriptor = Readonly<z.infer<typeof descriptorSchema>>;
