import { Problem } from "../../domain/errors/problem.ts";
import type { Instant } from "../../domain/recovery/instant.ts";
import { formatLsn, parseLsn, segmentAt, segmentName } from "../../domain/recovery/lsn.ts";
import { resolveTarget } from "../../domain/recovery/resolve.ts";
import type { ResolvedTarget } from "../../domain/recovery/resolved.ts";
import type { RecoveryTarget as AskedTarget } from "../../domain/recovery/target.ts";
import type { BackupHost } from "../../ports/backup-host.ts";
import type { Clock } from "../../ports/clock.ts";
import { archiveUntilNow } from "../backup/archive-until-now.ts";
import { standingOf } from "../backup/standing.ts";
import { readArchived, readOwnRepository, type Surveyed, surveyHost } from "../backup/survey.ts";
import { lastCommitUntil } from "./last-commit-until.ts";
import type { RecoveryTarget } from "./restore-start.ts";
import { requireRoom } from "./room.ts";

/** What is asked for. */
export interface MomentRequest {
  /** Reads the target against the database's clock. @throws Problem TIME_*, RECOVERY_TARGET_INVALID, USAGE when there is none */
  readonly target: (now: Instant) => AskedTarget;
  /** Follow this timeline, whichever was being written. */
  readonly timeline: number | undefined;
  /** What was written last may be archived first, so that it can be reached: the one thing that this changes. */
  readonly mayArchive: boolean;
  /** True when the claim of the data was deleted; a new one is as large as that was. */
  readonly volumeLost: boolean;
}

/** A moment that can be reached, and what it was worked out from. */
export interface Moment {
  readonly resolved: ResolvedTarget;
  readonly surveyed: Surveyed;
}

/** What a moment is looked for through. */
interface MomentPorts {
  readonly host: BackupHost;
  readonly clock: Clock;
}

/**
 * Finds set, timeline and target for a moment. One that the archive does not reach yet is reached once the WAL until now is archived.
 * @throws Problem RECOVERY_OUT_OF_WINDOW, RESTORE_NO_ROOM, RESTORE_POINT_MISSING, BACKUP_*, REPOSITORY_*, WAL_MISSING, TIME_*
 */
export async function resolveMoment(ports: MomentPorts, request: MomentRequest, signal: AbortSignal): Promise<Moment> {
  const moment = await findMoment(ports, request, signal);
  if (!request.volumeLost) requireRoom(moment.resolved.set, await ports.host.volume(signal));
  return moment;
}

/** The same, for a database that is restored elsewhere than on the data volume. @throws Problem as {@link resolveMoment}, without RESTORE_NO_ROOM */
export async function findMoment(ports: MomentPorts, request: MomentRequest, signal: AbortSignal): Promise<Moment> {
  const moment = await atItsLastCommit(ports.host, await reachable(ports, request, signal), signal);
  await proveNamed(ports.host, request, moment, signal);
  return moment;
}

/**
 * Makes sure that a moment which was found before can still be restored, as far as set and room tell; gives the system identifier of the cluster.
 * @throws Problem BACKUP_UNKNOWN, BACKUP_UNUSABLE, WAL_MISSING, RESTORE_NO_ROOM, REPOSITORY_*, BACKUP_HOST_*
 */
export async function requireStanding(
  host: BackupHost,
  { set }: Pick<RecoveryTarget, "set">,
  volumeLost: boolean,
  signal: AbortSignal,
): Promise<string | undefined> {
  const inspection = await host.inspect(signal);
  const own = readOwnRepository(inspection);
  const standing = standingOf(set, own, readArchived(inspection, own));
  if (!volumeLost) requireRoom(standing.set, await host.volume(signal));
  return inspection.primary?.systemId;
}

async function reachable(ports: MomentPorts, request: MomentRequest, signal: AbortSignal): Promise<Moment> {
  const first = await surveyHost(ports.host, ports.clock.now(), signal);
  const asked = request.target(first.now);
  try {
    return { resolved: resolveIn(first, asked, request), surveyed: first };
  } catch (error) {
    if (!isNotArchivedYet(error) || !request.mayArchive || first.primary?.inRecovery !== false) throw error;
  }
  await archiveUntilNow(ports, signal);
  const second = await surveyHost(ports.host, ports.clock.now(), signal);
  return { resolved: resolveIn(second, asked, request), surveyed: second };
}

/** A moment that was given as a time, as the place of its last commit where that can be told. @throws Problem EXEC_FAILED, BACKUP_HOST_* */
export async function atItsLastCommit(host: BackupHost, { resolved, surveyed }: Moment, signal: AbortSignal): Promise<Moment> {
  if (resolved.type !== "time") return { resolved, surveyed };
  const stretch = { timeline: resolved.timeline, from: resolved.set.stopLsn, until: resolved.at };
  const last = await lastCommitUntil(host, surveyed, stretch, signal);
  return { resolved: last === undefined ? resolved : { ...resolved, type: "lsn", target: formatLsn(last.lsn), lsn: last.lsn }, surveyed };
}

/** The catalogue says where a restore point stands; the one segment in which it must be says whether it does. @throws Problem RESTORE_POINT_MISSING */
async function proveNamed(host: BackupHost, request: MomentRequest, { resolved, surveyed }: Moment, signal: AbortSignal): Promise<void> {
  const asked = request.target(surveyed.now);
  if (asked.kind !== "name") return;
  const { archive, restorePoints, paths } = surveyed;
  const point = restorePoints.find(({ name, lsn }) => name === asked.name && formatLsn(lsn) === resolved.target);
  if (point === undefined) return;
  const segment = segmentName({ timeline: point.timeline, number: segmentAt(point.lsn, archive.segmentBytes) }, archive.segmentBytes);
  const path = paths.get(segment);
  const found = path === undefined ? [] : await host.pointsIn(path, signal);
  if (found.some(({ name, lsn }) => name === point.name && parseLsn(lsn) === point.lsn)) return;
  throw new Problem("RESTORE_POINT_MISSING", {
    what: `restore point ${point.name} should stand at ${formatLsn(point.lsn)} in segment ${segment}, and does not`,
  });
}

function resolveIn({ survey, repository, restorePoints, now }: Surveyed, asked: AskedTarget, { timeline }: MomentRequest): ResolvedTarget {
  return resolveTarget(asked, { survey, repository, restorePoints, now, ...(timeline === undefined ? {} : { timeline }) });
}

function isNotArchivedYet(error: unknown): boolean {
  return error instanceof Problem && error.code === "RECOVERY_OUT_OF_WINDOW" && error.data?.["reason"] === "after the last archived WAL";
}
