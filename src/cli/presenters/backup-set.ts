import { z } from "zod";
import { formatInstant } from "../../domain/recovery/instant.ts";
import { formatLsn } from "../../domain/recovery/lsn.ts";
import { type BackupSet, backupTypes } from "../../domain/recovery/repository.ts";

/** One set of the repository, as `--json` tells it. */
export const backupSetSchema = z.strictObject({
  label: z.string(),
  type: z.enum(backupTypes),
  timeline: z.int(),
  startedAt: z.string(),
  finishedAt: z.string(),
  startLsn: z.string(),
  /** Nothing before this can be restored from it. */
  stopLsn: z.string(),
  /** Bytes of the database. */
  bytes: z.number(),
  /** Bytes in the repository for this set and all it needs. */
  repositoryBytes: z.number(),
  /** Labels of the other sets that it needs. */
  needs: z.array(z.string()),
  /** Why it cannot be restored. */
  unusable: z.string().optional(),
});

/** A set as a JSON document. */
export function backupSetJson(set: BackupSet, unusable?: string): z.infer<typeof backupSetSchema> {
  return {
    label: set.label,
    type: set.type,
    timeline: set.timeline,
    startedAt: formatInstant(set.startedAt),
    finishedAt: formatInstant(set.finishedAt),
    startLsn: formatLsn(set.startLsn),
    stopLsn: formatLsn(set.stopLsn),
    bytes: set.bytes,
    repositoryBytes: set.repositoryBytes,
    needs: [...set.needs],
    ...(unusable === undefined ? {} : { unusable }),
  };
}
