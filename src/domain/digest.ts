import { z } from "zod";

/** `sha256:` and 64 hex digits (OCI image spec, descriptor.md#digests; other algorithms are refused). */
export const digestSchema = z
  .string()
  .regex(/^sha256:[0-9a-f]{64}$/, "a digest is sha256: followed by 64 lower-case hex digits")
  .brand<"Digest">();

/** Content digest of a blob or manifest. */
export type Digest = z.infer<typeof digestSchema>;
