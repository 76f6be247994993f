import { z } from "zod";

/**
 * Where a secret value comes from. Answers never hold the value itself, so that migratectl.yaml can be kept in git.
 * `generate` makes a random one at the first install and keeps it from then on.
 */
export const secretReferenceSchema = z.union([
  z.strictObject({ file: z.string().min(1) }),
  z.strictObject({ env: z.string().regex(/^[A-Za-z_][A-Za-z0-9_]*$/) }),
  z.strictObject({ secret: z.string().min(1), key: z.string().min(1) }),
  z.strictObject({ generate: z.literal(true) }),
]);

/** A reference to a secret: a file, an environment variable, a key of an existing Secret, or "generate". */
export type SecretReference = z.infer<typeof secretReferenceSchema>;
