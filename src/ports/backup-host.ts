import type { DrillRun } from "../domain/recovery/drill.ts";
import type { Examination, ExaminationDepth } from "../domain/recovery/examination.ts";
import type { RedisKeeping } from "../domain/recovery/redis-snapshot.ts";
import type { BackupType } from "../domain/recovery/repository.ts";

/** A backup that was asked for, as the database keeps it. */
interface BackupRequest {
  readonly id: number;
  readonly type: BackupType;
  readonly status: "pending" | "running" | "succeeded" | "failed";
  readonly askedAt: Date;
  /** Label of the set that was made. */
  readonly label?: string;
  /** Exit status of pgBackRest; -1 when its end was not seen. */
  readonly exitCode?: number;
  /** First error of a backup that failed. */
  readonly message?: string;
}

/** A request, and how far pgBackRest is while it works on it. */
export interface BackupState {
  readonly request: BackupRequest;
  readonly bytes?: { readonly done: number; readonly total: number };
}

/** The primary as it is at this moment. */
export interface PrimaryState {
  readonly systemId: string;
  readonly timeline: number;
  /** `server_version_num`, such as 170006. */
  readonly version: number;
  readonly inRecovery: boolean;
  /** `0/3000028`. */
  readonly lsn: string;
  readonly segmentBytes: number;
  /** The clock of the database's host. */
  readonly now: Date;
  readonly archived: {
    readonly segment: string | undefined;
    readonly at: Date | undefined;
    /** The last segment that could not be archived, which may have been archived since. */
    readonly failedSegment: string | undefined;
    readonly failedAt: Date | undefined;
  };
}

/** The repository as pgBackRest tells it, unread: `src/domain/recovery` reads it. */
interface RepositoryDocuments {
  /** `pgbackrest info --output=json`, parsed so that system identifiers keep all their digits. */
  readonly info: unknown;
  /** `pgbackrest repo-ls --recurse --output=json archive/STANZA`, parsed. */
  readonly archive: unknown;
  /** Content of each timeline's history, by its path below the archive of the stanza. */
  readonly histories: Readonly<Record<string, string>>;
}

/** Everything that the database's pod tells about what can be recovered. */
export interface Inspection extends RepositoryDocuments {
  /** Undefined where no Postgres answers. */
  readonly primary: PrimaryState | undefined;
  /** Major version of the Postgres that the image runs: `17`. Undefined where the release's image does not tell it. */
  readonly major: string | undefined;
}

/** A commit in the WAL. */
export interface Commit {
  readonly lsn: string;
  /** RFC 3339 in UTC, with the microseconds that the WAL has. */
  readonly at: string;
}

/** A segment of the archive whose commits are asked for. */
export interface SegmentQuestion {
  readonly segment: string;
  /** Its path below `archive/STANZA`. */
  readonly path: string;
  /** LSNs next to which the commits are wanted, too. */
  readonly around: readonly string[];
  /** A time (RFC 3339 in UTC, to the microsecond): the first commit that is later is wanted, too, and the one before it. */
  readonly until?: string;
}

/** Commits of one segment of the archive, ascending, or why it could not be read. */
export type SegmentCommits =
  | { readonly segment: string; readonly commits: readonly Commit[] }
  | { readonly segment: string; readonly error: string };

/** A restore point as it was made. */
export interface MadePoint {
  readonly name: string;
  readonly timeline: number;
  /** Where its record begins. */
  readonly lsn: string;
  readonly at: Date;
}

/** Somebody's connection to the database. */
export interface Connection {
  readonly user: string;
  readonly address: string;
  readonly application: string;
}

/** A data directory on the volume of the primary. */
export interface DataDirectory {
  readonly name: string;
  /** True for the one that Postgres runs on. */
  readonly current: boolean;
  /** Id of the restore that put another one in its place; `undo-ID` when undoing that restore did. */
  readonly replacedBy: string | undefined;
  /** True for what a restore that did not come to its end has left. */
  readonly unfinished: boolean;
  readonly bytes: number;
}

/** The volume of the primary's data. */
export interface DataVolume {
  /** The one that is current, and what restores have left. */
  readonly directories: readonly DataDirectory[];
  /** Bytes that can still be written. */
  readonly free: number;
}

/**
 * The place where pgBackRest runs, next to the database. Every method may throw Problem BACKUP_HOST_MISSING, EXEC_FAILED, DEADLINE,
 * BACKUP_HOST_STRANGE when an answer cannot be read, and the signal's reason.
 */
export interface BackupHost {
  /** Asks for a backup; an open request of the same asker and type is taken up. Gives the request's id. */
  ask(type: BackupType, asker: string, signal: AbortSignal): Promise<number>;
  /** How the request stands; undefined when there is no such request. */
  state(id: number, signal: AbortSignal): Promise<BackupState | undefined>;
  inspect(signal: AbortSignal): Promise<Inspection>;
  /** The primary alone, which costs little; undefined where no Postgres answers, or the release's image does not tell it alone. */
  primary(signal: AbortSignal): Promise<PrimaryState | undefined>;
  /** The first and the last commit of each segment, and those next to the LSNs and the time asked for; in the order asked. */
  commits(segments: readonly SegmentQuestion[], signal: AbortSignal): Promise<readonly SegmentCommits[]>;
  /** Gives this moment a name in the WAL. */
  createPoint(name: string, signal: AbortSignal): Promise<MadePoint>;
  /** Notes an annotation (`key=value`) at a set; waits for a backup that is being made. Doing it twice does no harm. */
  annotate(label: string, annotation: string, signal: AbortSignal): Promise<void>;
  /** The restore points in a segment of the archive, by its path below `archive/STANZA`. @throws Problem BACKUP_HOST_STRANGE when it cannot be read */
  pointsIn(path: string, signal: AbortSignal): Promise<readonly Pick<MadePoint, "name" | "lsn">[]>;
  /** What pgBackRest finds when it reads every file of the repository again; may take as long as reading it does. */
  verify(signal: AbortSignal): Promise<string>;
  /** What the database that serves holds, and whether it can be relied on. Reads only. */
  examine(depth: ExaminationDepth, signal: AbortSignal): Promise<Examination>;
  /** The last restore drills, newest first: those that the schedule made and those that were asked for. */
  drills(signal: AbortSignal): Promise<readonly DrillRun[]>;
  volume(signal: AbortSignal): Promise<DataVolume>;
  /** Removes what restores have replaced, and what restores that were given up have left. Doing it twice does no harm. */
  prune(signal: AbortSignal): Promise<void>;
  /** Ends every connection from outside the database's pod, and tells whose they were; none when nobody was connected. */
  endConnections(signal: AbortSignal): Promise<readonly Connection[]>;
  /** How Redis is kept in the database; undefined where the release's image knows nothing of that. */
  redis(signal: AbortSignal): Promise<RedisKeeping | undefined>;
  /** Takes a snapshot of Redis into the database, unless the one that is there holds all of it; that none can be taken is told, and no error. Undefined as above. */
  takeRedis(signal: AbortSignal): Promise<RedisKeeping | undefined>;
  /** Lets new snapshots take the place of the one that a restore was to bring back. Doing it twice does no harm. */
  releaseRedis(signal: AbortSignal): Promise<void>;
  /** Begins a new segment of WAL, so that everything until now is archived; gives the name of the segment that ended. */
  switchWal(signal: AbortSignal): Promise<string>;
}
