import { z } from "zod";

/** `sha256:` and 64 hex digits (OCI image spec, descriptor.md#digests; other algorithms are refused). */
export const digestSchema = z
  .string()
  .regex(/^sha256:[0-9a-f]{64}$/, "a digest is sha256: followed by 64 lower-case hex digits")
  .brand<"Digest">();

/** Content digest of a blob or manifest. */
export type Digest = z.infer<typeof digestSchema>;

/** The digest that 64 hex digits of a sha256 name. @throws ZodError for anything else, which would be a bug of the caller */
export function digestOfHex(hex: string): Digest {
  return digestSchema.parse(`sha256:${hex}`);
}

/** Path of a blob inside an OCI image layout. */
export function blobPath(digest: Digest): string {
  return `blobs/sha256/${digest.slice("sha256:".length)}`;
}

/** `sha256:` and the first 12 hex digits, for people. */
export function shortDigest(digest: Digest): string {
  return digest.slice(0, "sha256:".length + 12);
}
