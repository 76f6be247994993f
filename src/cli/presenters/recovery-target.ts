import { z } from "zod";
import type { RecoveryTarget } from "../../workflow/restore/restore-start.ts";

/** What a database is recovered to, as `--json` tells it. */
export const recoveryTargetSchema = z.strictObject({
  set: z.string(),
  timeline: z.int(),
  type: z.enum(["time", "lsn", "immediate"]),
  /** As Postgres takes it; absent for immediate. */
  value: z.string().optional(),
});

/** A target as a JSON document. */
export function recoveryTargetJson({ value, ...target }: RecoveryTarget): z.infer<typeof recoveryTargetSchema> {
  return { ...target, ...(value === undefined ? {} : { value }) };
}
