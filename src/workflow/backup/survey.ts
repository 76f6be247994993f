import { Problem } from "../../domain/errors/problem.ts";
import { readArchive, type Timeline, type WalArchive } from "../../domain/recovery/archive.ts";
import { readListing } from "../../domain/recovery/archive-files.ts";
import type { CommitMoment } from "../../domain/recovery/commits.ts";
import { type Instant, instantOfDate } from "../../domain/recovery/instant.ts";
import { defaultSegmentBytes, formatLsn, parseLsn, parseSegmentName, segmentAt, segmentName } from "../../domain/recovery/lsn.ts";
import { type BackupRepository, type BackupSet, type RepositoryDatabase, readRepository } from "../../domain/recovery/repository.ts";
import { requireOwnRepository, usableSets } from "../../domain/recovery/repository-checks.ts";
import type { RestorePoint } from "../../domain/recovery/restore-point.ts";
import { parseTime } from "../../domain/recovery/time.ts";
import { type RecoverySurvey, surveyRecovery } from "../../domain/recovery/windows.ts";
import type { BackupHost, Inspection, SegmentCommits } from "../../ports/backup-host.ts";

/** pgBackRest's name for the platform's database. */
const stanza = "main";

/** How many segments from a span's end are looked at for a commit: quiet databases have one every half minute, by the heartbeat. */
const farthestBack = 8;

/** The repository, and the database in it that is this release's. */
export interface OwnRepository {
  readonly repository: BackupRepository;
  readonly database: RepositoryDatabase;
}

/** Everything that is known about what can be recovered. */
export interface Surveyed extends OwnRepository {
  readonly archive: WalArchive;
  readonly survey: RecoverySurvey;
  /** Restore points of this database, oldest first, whether they can be reached or not. */
  readonly restorePoints: readonly RestorePoint[];
  /** Where each segment lies in the archive, by its name. */
  readonly paths: ReadonlyMap<string, string>;
  readonly primary: Inspection["primary"];
  /** By the database's clock; by this host's where no Postgres answers. */
  readonly now: Instant;
  /** Segments of the archive that could not be read, with the reason. */
  readonly unreadable: readonly { readonly segment: string; readonly error: string }[];
}

/**
 * Looks at the repository of a release: sets, archive, and the commits at the ends of every stretch of WAL. Reads only.
 * @throws Problem REPOSITORY_*, POSTGRES_MAJOR_MISMATCH, BACKUP_HOST_*, EXEC_FAILED
 */
export async function surveyHost(host: BackupHost, hostNow: Date, signal: AbortSignal): Promise<Surveyed> {
  const inspection = await host.inspect(signal);
  const own = readOwnRepository(inspection);
  const archive = readArchived(inspection, own);
  const sets = usableSets(own.repository, own.database.id);
  const paths = segmentPaths(inspection);
  const { moments, unreadable } = await commitMoments({ archive, sets, paths }, host, signal);
  const restorePoints = own.repository.restorePoints.filter(({ databaseId }) => databaseId === own.database.id);
  const living = inspection.primary?.timeline ?? lastWritten(moments) ?? archive.timelines.at(-1)?.id ?? 1;
  const survey = surveyRecovery({ sets, archive, moments, living });
  const now = instantOfDate(inspection.primary?.now ?? hostNow);
  return { ...own, archive, survey, restorePoints, paths, primary: inspection.primary, now, unreadable };
}

/**
 * What the repository says, if it is this database's. Where no Postgres answers its current database is taken for ours if the image can run it:
 * there is then nothing else to compare it with.
 * @throws Problem REPOSITORY_FOREIGN, REPOSITORY_EMPTY, REPOSITORY_UNREADABLE, POSTGRES_MAJOR_MISMATCH
 */
export function readOwnRepository({ info, primary, major }: Pick<Inspection, "info" | "primary" | "major">): OwnRepository {
  const repository = readRepository(info, stanza);
  const current = repository.databases.at(-1);
  if (current === undefined) throw new Problem("REPOSITORY_EMPTY", { what: `The repository's stanza ${stanza} names no database.` });
  const identity =
    primary === undefined
      ? { systemId: current.systemId, version: major ?? current.version }
      : { systemId: primary.systemId, version: String(Math.floor(primary.version / 10_000)) };
  return { repository, database: requireOwnRepository(repository, identity) };
}

/** The archive of the database, walked for continuity. */
export function readArchived({ archive, histories, primary }: Inspection, { database }: OwnRepository): WalArchive {
  const folder = `${database.version}-${database.id}/`;
  const own = Object.entries(histories).filter(([path]) => path.startsWith(folder));
  return readArchive({
    files: readListing(archive),
    histories: Object.fromEntries(own.map(([path, content]) => [path.slice(folder.length), content])),
    databaseId: database.id,
    version: database.version,
    segmentBytes: primary?.segmentBytes ?? defaultSegmentBytes,
  });
}

/**
 * The timeline of the newest commit. Where no Postgres answers it is the one that was written last: not the one with the highest number, which
 * a restore may have made that was undone afterwards.
 */
function lastWritten(moments: readonly CommitMoment[]): number | undefined {
  return moments.reduce<CommitMoment | undefined>((last, one) => (last === undefined || one.at > last.at ? one : last), undefined)
    ?.timeline;
}

/** Reads the first and the last commit of every span of segments, and those next to every fork and to where sets become consistent. */
async function commitMoments(
  {
    archive,
    sets,
    paths,
  }: { readonly archive: WalArchive; readonly sets: readonly BackupSet[]; readonly paths: ReadonlyMap<string, string> },
  host: BackupHost,
  signal: AbortSignal,
): Promise<{ readonly moments: readonly CommitMoment[]; readonly unreadable: Surveyed["unreadable"] }> {
  const points = pointsOf(archive, sets);
  const read = new Map<string, SegmentCommits>();
  for (let back = 0; back < farthestBack; back += 1) {
    const wanted = new Set(archive.timelines.flatMap((timeline) => endsOf(timeline, archive, back, read)));
    if (back === 0) for (const name of points.keys()) wanted.add(name);
    const unread = [...wanted].flatMap((segment) => {
      const path = paths.get(segment);
      return path === undefined || read.has(segment) ? [] : [{ segment, path, around: points.get(segment) ?? [] }];
    });
    if (unread.length === 0) break;
    for (const found of await host.commits(unread, signal)) read.set(found.segment, found);
  }
  const all = [...read.values()];
  return {
    moments: all.flatMap((one) => segmentMoments(one, archive.segmentBytes)),
    unreadable: all.flatMap((one) => ("error" in one ? [one] : [])),
  };
}

/** Where each segment lies in the archive. */
function segmentPaths({ archive }: Pick<Inspection, "archive">): ReadonlyMap<string, string> {
  return new Map(
    readListing(archive).flatMap(({ path }) => {
      const segment = /\/([0-9A-F]{24})-[0-9a-f]{40}(?:\.\w+)?$/.exec(path)?.[1];
      return segment === undefined ? [] : [[segment, path] as const];
    }),
  );
}

/** LSNs whose neighbours make the ends of windows exact, by the segment that holds them: forks, on both timelines, and ends of backups. */
function pointsOf({ timelines, segmentBytes }: WalArchive, sets: readonly BackupSet[]): ReadonlyMap<string, readonly string[]> {
  const forks = timelines.flatMap(({ id, parent }) =>
    parent === undefined ? [] : [id, parent.timeline].map((timeline) => ({ timeline, lsn: parent.lsn })),
  );
  const points = new Map<string, string[]>();
  for (const { timeline, lsn } of [...forks, ...sets.map(({ timeline, stopLsn }) => ({ timeline, lsn: stopLsn }))]) {
    const number = segmentAt(lsn, segmentBytes);
    const spans = timelines.find(({ id }) => id === timeline)?.spans ?? [];
    if (!spans.some(({ first, last }) => first <= number && number <= last)) continue;
    const name = segmentName({ timeline, number }, segmentBytes);
    points.set(name, [...new Set([...(points.get(name) ?? []), formatLsn(lsn)])]);
  }
  return points;
}

/** Segments of a timeline that are to be read in this round: one further from each end as long as none with a commit was found there. */
function endsOf(
  { id, spans }: Timeline,
  { segmentBytes }: WalArchive,
  back: number,
  read: ReadonlyMap<string, SegmentCommits>,
): readonly string[] {
  const name = (number: number): string => segmentName({ timeline: id, number }, segmentBytes);
  const silent = (number: number): boolean => {
    const seen = read.get(name(number));
    return seen !== undefined && "commits" in seen && seen.commits.length === 0;
  };
  return spans.flatMap(({ first, last }) => {
    if (first + back > last) return [];
    const passed = Array.from({ length: back }, (_, index) => index);
    return [
      ...(passed.every((index) => silent(first + index)) ? [name(first + back)] : []),
      ...(passed.every((index) => silent(last - index)) ? [name(last - back)] : []),
    ];
  });
}

/** The commits that were read out of a segment, each with the segment's timeline. */
export function segmentMoments(found: SegmentCommits, segmentBytes: number): readonly CommitMoment[] {
  const segment = parseSegmentName(found.segment, segmentBytes);
  if (segment === undefined || "error" in found) return [];
  return found.commits.flatMap(({ lsn, at }) => {
    const parsed = parseLsn(lsn);
    return parsed === undefined ? [] : [{ timeline: segment.timeline, lsn: parsed, at: parseTime(at, "UTC") }];
  });
}
