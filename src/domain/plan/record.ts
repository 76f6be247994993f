import { z } from "zod";

/** One entry of the append-only, hash-chained record of what was done to a release. */
export const recordEntrySchema = z.object({
  /** 1, 2, 3 … */
  revision: z.int().positive(),
  workflow: z.string(),
  /** RFC 3339, UTC. */
  startedAt: z.string(),
  finishedAt: z.string(),
  /** Kubernetes user name and `user@host` of the jump host. */
  by: z.object({ cluster: z.string(), host: z.string() }),
  version: z.string(),
  bundleDigest: z.string().optional(),
  planDigest: z.string(),
  outcome: z.enum(["succeeded", "failed", "rolled-back"]),
  /** Checks that were skipped, with the reason given. */
  skippedChecks: z.array(z.object({ check: z.string(), reason: z.string() })),
  /** sha256 of the entry before, as canonical JSON; 64 zeros for the first. */
  previous: z.string(),
});

/** One entry of the record. */
export type RecordEntry = Readonly<z.infer<typeof recordEntrySchema>>;
