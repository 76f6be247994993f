import { z } from "zod";
import { Problem } from "../errors/problem.ts";

/** A text that only the holder of a key can read, and that nobody else can have written: AES-256-GCM under a key made by scrypt (RFC 7914). */
const sealedSchema = z.strictObject({
  cipher: z.literal("aes-256-gcm"),
  derivation: z.strictObject({
    function: z.literal("scrypt"),
    /** Cost; a power of two. */
    n: z.int().min(2).max(262_144),
    r: z.int().min(1).max(16),
    p: z.int().min(1).max(16),
    salt: z.base64(),
  }),
  iv: z.base64(),
  tag: z.base64(),
  text: z.base64(),
});

/** A text that only the holder of a key can read. */
export type Sealed = Readonly<z.infer<typeof sealedSchema>>;

/**
 * What is kept with the backups so that an empty cluster and the repository make the whole platform again. In clear stands only what
 * finding the right key needs.
 */
const recoveryKitSchema = z.strictObject({
  apiVersion: z.literal("migratectl/v1"),
  kind: z.literal("RecoveryKit"),
  createdAt: z.iso.datetime(),
  release: z.strictObject({ name: z.string(), namespace: z.string(), version: z.string() }),
  sealed: sealedSchema,
});

/** What is kept with the backups, sealed. */
export type RecoveryKit = Readonly<z.infer<typeof recoveryKitSchema>>;

/** What a kit holds. */
export const kitContentSchema = z.strictObject({
  /** The answers of the installation, as a document of their version. */
  answers: z.unknown(),
  /** The Secrets that were generated once and have to stay: their values by key, by name. */
  secrets: z.record(z.string(), z.record(z.string(), z.string())),
  /** The record of the release, as its document; absent before the first run was recorded. */
  record: z.string().optional(),
});

/** What a kit holds; secret. */
export type KitContent = Readonly<z.infer<typeof kitContentSchema>>;

/** Reads a kit, sealed as it is. @throws Problem KIT_UNREADABLE when it is none that this version understands */
export function readKit(document: unknown): RecoveryKit {
  const parsed = recoveryKitSchema.safeParse(document);
  if (parsed.success) return parsed.data;
  throw new Problem("KIT_UNREADABLE", { what: "what lies with the backups as migratectl/kit.json is not understood" });
}
