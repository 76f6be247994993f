import { Problem } from "../errors/problem.ts";
import { holeInWords, outOfWindow } from "./out-of-window.ts";
import { pathTo, walk } from "./path.ts";
import type { RecoveryFacts } from "./reach.ts";
import type { BackupSet } from "./repository.ts";
import { requireSet } from "./repository-checks.ts";
import { atBackup, type ResolveContext, type ResolvedTarget } from "./resolved.ts";
import { whyNoTarget } from "./why-not.ts";

/**
 * The state at the end of that backup, on its own timeline.
 * @throws Problem BACKUP_UNKNOWN, BACKUP_UNUSABLE, POSTGRES_MAJOR_MISMATCH, WAL_MISSING, RECOVERY_OUT_OF_WINDOW
 */
export function toBackup(label: string, context: ResolveContext): ResolvedTarget {
  const { facts, reaches } = context.survey;
  const set = requireSet(label, context.repository, facts.archive.databaseId);
  const what = `the end of backup ${label}`;
  if (context.timeline !== undefined && context.timeline !== set.timeline) {
    throw outOfWindow(what, { kind: "other timeline", timelines: [set.timeline] }, {});
  }
  const reach = reaches.find((one) => one.set.label === label && one.timeline === set.timeline);
  if (reach !== undefined) return atBackup(reach, context);
  const unusable = whyNoTarget(set.timeline, facts);
  throw unusable === undefined ? walMissing(set, facts) : outOfWindow(what, unusable, {});
}

function walMissing(set: BackupSet, { archive }: RecoveryFacts): Problem {
  const path = pathTo(archive, set.timeline) ?? [];
  const hole = walk(archive, path, path.length - 1, set.startLsn).hole;
  const what = hole === undefined ? `the archive ends before ${set.archiveStop}` : holeInWords(hole);
  return new Problem("WAL_MISSING", {
    what: `Backup ${set.label} needs the segments ${set.archiveStart} to ${set.archiveStop}, but ${what}.`,
    data: { label: set.label, first: set.archiveStart, last: set.archiveStop, ...(hole === undefined ? {} : { hole: { ...hole } }) },
  });
}
