import { z } from "zod";
import { readingSchema } from "../reading.ts";

/** A certificate file and its key, as given for the ingress; nothing of the key itself is kept. */
export const certificateSchema = z.object({
  subject: z.string(),
  /** DNS names it is for. */
  names: z.array(z.string()),
  /** RFC 3339. */
  notBefore: z.string(),
  notAfter: z.string(),
  keyMatches: z.boolean(),
  /** True when it is for the host name asked about (wildcards included). */
  matchesHost: z.boolean(),
  /** Certificates in the file that sign one another in order, without a gap. */
  chainInOrder: z.boolean(),
});

/** A certificate as given for the ingress. */
export type CertificateFact = Readonly<z.infer<typeof certificateSchema>>;

/** The machine that migratectl runs on. */
export const hostSchema = z.object({
  os: z.string(),
  architecture: z.string(),
  /** Bytes of memory that can be had now. */
  memoryAvailable: z.number(),
  runDirectory: z.object({ path: z.string(), freeBytes: readingSchema(z.number()) }),
  /** Version of the helm binary. */
  helm: readingSchema(z.string()),
});

/** The machine that migratectl runs on. */
export type HostFact = Readonly<z.infer<typeof hostSchema>>;
