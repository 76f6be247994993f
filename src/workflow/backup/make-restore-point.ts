import { Problem } from "../../domain/errors/problem.ts";
import { formatLsn, type parseLsn } from "../../domain/recovery/lsn.ts";
import { type Path, pathTo } from "../../domain/recovery/path.ts";
import type { BackupSet } from "../../domain/recovery/repository.ts";
import { usableSets } from "../../domain/recovery/repository-checks.ts";
import { catalogueEntry, restorePointName } from "../../domain/recovery/restore-point.ts";
import type { BackupHost, Inspection, MadePoint } from "../../ports/backup-host.ts";
import type { Clock } from "../../ports/clock.ts";
import { archiveUntilNow } from "./archive-until-now.ts";
import { readArchived, readOwnRepository } from "./survey.ts";

/** What making a restore point works through. */
export interface MakePointPorts {
  readonly host: BackupHost;
  readonly clock: Clock;
}

/** A restore point, archived and catalogued; without a point in a dry run. */
export interface MadeRestorePoint {
  readonly name: string;
  /** Label of the full backup that catalogues it: it can be reached as long as that one is kept. */
  readonly set: string;
  readonly point: MadePoint | undefined;
}

/**
 * Gives this moment of the database a name: in the WAL, in the archive, and in the catalogue that the repository itself keeps. A name that
 * was cut off before it was catalogued is simply given again.
 * @throws Problem RECOVERY_TARGET_INVALID, RESTORE_POINT_EXISTS, BACKUP_HOST_*, EXEC_FAILED, REPOSITORY_*, DEADLINE
 */
export async function makeRestorePoint(
  { host, clock }: MakePointPorts,
  request: { readonly name: string; readonly dryRun: boolean },
  signal: AbortSignal,
): Promise<MadeRestorePoint> {
  const name = restorePointName(request.name);
  const set = catalogueFor(name, await host.inspect(signal));
  if (request.dryRun) return { name, set, point: undefined };
  const point = await host.createPoint(name, signal);
  await host.annotate(set, catalogueEntry(point), signal);
  await archiveUntilNow({ host, clock }, signal);
  return { name, set, point };
}

/** The set in whose annotations the point is kept: the full one from which the newest backup of the living history is made. */
function catalogueFor(name: string, inspection: Inspection): string {
  const { primary } = inspection;
  if (primary === undefined || primary.inRecovery)
    throw new Problem("BACKUP_HOST_MISSING", { what: "no database that takes writes answers: a moment of it cannot be named" });
  const own = readOwnRepository(inspection);
  const path = pathTo(readArchived(inspection, own), primary.timeline) ?? [];
  const known = own.repository.restorePoints.find((point) => point.name === name && lies(path, point.timeline, point.lsn));
  if (known !== undefined)
    throw new Problem("RESTORE_POINT_EXISTS", {
      what: `the living history has a restore point ${name} already, on timeline ${known.timeline}`,
      data: { timeline: known.timeline, lsn: formatLsn(known.lsn) },
    });
  const newest = usableSets(own.repository, own.database.id).findLast(({ timeline, stopLsn }) => lies(path, timeline, stopLsn));
  if (newest === undefined)
    throw new Problem("REPOSITORY_EMPTY", { what: `No backup leads to timeline ${primary.timeline}, which is being written.` });
  return fullOf(newest);
}

function lies(path: Path, timeline: number, lsn: ReturnType<typeof parseLsn>): boolean {
  return path.some(
    (stretch) => stretch.timeline === timeline && lsn !== undefined && (stretch.until === undefined || lsn <= stretch.until),
  );
}

/** A set may expire before the full one that it builds on; what is reached from it is reached from that, too. */
function fullOf({ label }: BackupSet): string {
  return label.split("_")[0] ?? label;
}
