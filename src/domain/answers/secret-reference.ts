import { z } from "zod";

/**
 * Where a secret that a person gives comes from. Answers never hold the value itself, so that migratectl.yaml can be kept in git.
 * What only this platform needs is not asked for: it is made at the first install and kept from then on.
 */
export const secretReferenceSchema = z.union([
  z.strictObject({ file: z.string().min(1) }),
  z.strictObject({ env: z.string().regex(/^[A-Za-z_][A-Za-z0-9_]*$/) }),
  z.strictObject({ secret: z.string().min(1), key: z.string().min(1) }),
]);

/** A reference to a secret: a file, an environment variable, or a key of an existing Secret. */
export type SecretReference = z.infer<typeof secretReferenceSchema>;
