import { formatInstant } from "../../domain/recovery/instant.ts";
import type { RecoveredCheck } from "../../domain/recovery/judge-recovered.ts";
import type { ResolvedTarget } from "../../domain/recovery/resolved.ts";
import { formatSeconds } from "../../domain/units.ts";

/** What a person should know of a moment before saying yes: whose state it is, what is lost by it, and what is unusual about it. */
export function momentText({ at, window, set, expectedLoss, notes }: ResolvedTarget): readonly string[] {
  return [
    `The database will be as it was at ${formatInstant(at)} (timeline ${window.timeline}), recovered from ${set.type} backup ${set.label}.`,
    `What was committed after ${formatInstant(expectedLoss.after)} goes: ${formatSeconds(expectedLoss.seconds)} until now. It stays in the data of before, which is kept.`,
    ...notes,
  ];
}

/** What was seen of a recovered database, a line for each check. */
export function checksText(checks: readonly (RecoveredCheck & { readonly skipped?: string })[]): readonly string[] {
  return checks.map(
    ({ id, verdict, seen, skipped }) => `  ${verdict}  ${id}: ${seen}${skipped === undefined ? "" : ` (let pass: ${skipped})`}`,
  );
}
