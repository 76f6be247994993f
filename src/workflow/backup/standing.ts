import { Problem } from "../../domain/errors/problem.ts";
import type { WalArchive } from "../../domain/recovery/archive.ts";
import { parseSegmentName, segmentName } from "../../domain/recovery/lsn.ts";
import type { BackupSet } from "../../domain/recovery/repository.ts";
import { requireSet } from "../../domain/recovery/repository-checks.ts";
import type { OwnRepository } from "./survey.ts";

/** A set that was looked up: it and the WAL that it needs are there. */
export interface SetStanding {
  readonly set: BackupSet;
  /** Segments of WAL without which it cannot be restored; all of them are in the archive. */
  readonly segments: number;
}

/**
 * Makes sure that a set can be restored as far as repository and archive tell.
 * @throws Problem BACKUP_UNKNOWN, BACKUP_UNUSABLE, POSTGRES_MAJOR_MISMATCH, WAL_MISSING
 */
export function standingOf(label: string, { repository, database }: OwnRepository, archive: WalArchive): SetStanding {
  const set = requireSet(label, repository, database.id);
  const first = parseSegmentName(set.archiveStart, archive.segmentBytes);
  const last = parseSegmentName(set.archiveStop, archive.segmentBytes);
  if (first === undefined || last === undefined) throw new Problem("BACKUP_UNUSABLE", { what: `Backup ${label} names no WAL.` });
  const spans = archive.timelines.find(({ id }) => id === set.timeline)?.spans ?? [];
  const missing: string[] = [];
  for (let { number } = first; number <= last.number; number += 1)
    if (!spans.some((span) => span.first <= number && number <= span.last))
      missing.push(segmentName({ timeline: set.timeline, number }, archive.segmentBytes));
  if (missing.length > 0)
    throw new Problem("WAL_MISSING", {
      what: `Backup ${label} needs WAL that is not in the archive: ${missing.join(", ")}.`,
      data: { label, missing },
    });
  return { set, segments: last.number - first.number + 1 };
}
