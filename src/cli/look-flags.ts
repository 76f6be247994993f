import * as Flags from "@oclif/core/flags";
import { redisChoices } from "../domain/recovery/redis-snapshot.ts";
import type { RecoveredLook } from "../workflow/restore/promote.ts";
import { parseSkips, skipFlags } from "./skip-flags.ts";

/** How a restored database is looked at before it serves. */
export const lookFlags = {
  check: Flags.option({
    description: "how closely the restored database is looked at before it serves; thorough reads every table and B-tree (amcheck)",
    options: ["quick", "thorough"] as const,
    default: "quick" as const,
  })(),
  ...skipFlags,
};

/** What becomes of Redis when the database goes to a moment. */
export const redisFlags = {
  redis: Flags.option({
    description:
      "what becomes of Redis: brought to the snapshot that the database holds (somewhat older than the moment), emptied, or kept as it is",
    options: redisChoices,
    default: "snapshot" as const,
  })(),
};

/** The same in the words of the workflow. @throws Problem USAGE for a check that is skipped without a reason */
export function lookOf(flags: {
  readonly check: RecoveredLook["depth"];
  readonly "skip-check"?: readonly string[] | undefined;
}): RecoveredLook {
  return { depth: flags.check, skips: parseSkips(flags["skip-check"]) };
}
