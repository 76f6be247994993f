import type { Hole } from "./archive.ts";
import { firstFrom, lastBefore } from "./commits.ts";
import type { Lsn } from "./lsn.ts";
import { pathTo, type Stretch } from "./path.ts";
import { type Point, type Reach, type RecoveryFacts, reachesOf } from "./reach.ts";

/** Why a window does not go on. */
type WindowEnd =
  /** It reaches to the newest commit in the archive of the timeline that is being written. */
  | "now"
  /** A segment after it cannot be fetched. */
  | "hole"
  /** The living history went on on another timeline. */
  | "forked away"
  /** Nobody writes on this timeline any more. */
  | "abandoned";

/** A span of time on one timeline, every moment of which can be recovered: both ends included. */
export interface Window {
  readonly timeline: number;
  readonly from: Point & {
    /** Label of the set that opens it. */
    readonly set: string;
  };
  readonly to: Point;
  /** Labels of the sets that a recovery to some moment of it can start from, oldest first. */
  readonly sets: readonly string[];
  /**
   * True when no commit after its set can be replayed: then it is the end of that backup alone, to be asked for by its label. That end is told
   * in whole seconds, in which others may have committed: no time can be promised, and `from` and `to` are the end of that second.
   */
  readonly backupOnly: boolean;
  /** True when what is being written now descends from it. */
  readonly living: boolean;
  readonly endsBecause: WindowEnd;
  /** What cannot be fetched after it, when that is why it ends. */
  readonly hole: Hole | undefined;
}

/** Everything that can be recovered, as facts for choosing a target. */
export interface RecoverySurvey {
  readonly facts: RecoveryFacts;
  readonly reaches: readonly Reach[];
  /** By timeline and then by time. */
  readonly windows: readonly Window[];
}

/** What one restore could recover of one timeline. */
export interface Piece {
  readonly timeline: number;
  readonly reach: Reach;
  readonly from: Point;
  readonly to: Point;
  /** True when the set lies on this timeline, so that the piece begins where it is consistent; else it begins with the first commit. */
  readonly starts: boolean;
  /** True when a commit of this timeline is replayed. */
  readonly replays: boolean;
  /** How far its WAL goes on this timeline, exclusive: to a fork, or to what stops the replay. */
  readonly until: Lsn;
}

/** Works out every window; costs sets × timelines × the logarithm of commits, whatever the number of segments. */
export function surveyRecovery(facts: RecoveryFacts): RecoverySurvey {
  const reaches = reachesOf(facts);
  const living = pathTo(facts.archive, facts.living);
  const windows = facts.archive.timelines.flatMap(({ id }) => {
    const stretch = living?.find(({ timeline }) => timeline === id);
    return windowsOf(piecesOf(id, reaches), stretch);
  });
  return { facts, reaches, windows };
}

/** What each reach holds of one timeline: the part that was written on it, not what its ancestors or descendants wrote. */
export function piecesOf(timeline: number, reaches: readonly Reach[]): readonly Piece[] {
  return reaches.flatMap((reach) => {
    const index = reach.path.findIndex((one) => one.timeline === timeline);
    const own = reach.path.findIndex((one) => one.timeline === reach.set.timeline);
    const stretch = reach.path[index];
    if (stretch === undefined || index < own) return [];
    const starts = index === own;
    const until = stretch.until !== undefined && stretch.until < reach.until ? stretch.until : reach.until;
    const from = starts ? reach.from : firstFrom(reach.commits, stretch.from);
    if (from === undefined || (!starts && from.lsn >= until)) return [];
    const last = lastBefore(reach.commits, until);
    const replays = last !== undefined && last.lsn >= from.lsn;
    // A set's end is not told exactly enough to say what the timeline held then if it went on elsewhere at once.
    if (!replays && stretch.until !== undefined) return [];
    return [{ timeline, reach, from, to: replays ? last : from, starts, replays, until }];
  });
}

/** Pieces that overlap, and so make one span without a gap; ends of backups that none of them holds stand alone. */
function runsOf(pieces: readonly Piece[]): readonly (readonly Piece[])[] {
  const runs: Piece[][] = [];
  for (const piece of pieces.filter(({ replays }) => replays).toSorted(bySpan)) {
    const open = runs.at(-1);
    if (open?.some(({ to }) => to.lsn >= piece.from.lsn)) open.push(piece);
    else runs.push([piece]);
  }
  const held = ({ from }: Piece): boolean => runs.some((run) => run.some((one) => one.from.lsn <= from.lsn && from.lsn <= one.to.lsn));
  const alone = pieces.filter((piece) => !piece.replays && !held(piece)).map((piece) => [piece]);
  return [...runs, ...alone].toSorted(([a], [b]) => (a === undefined || b === undefined ? 0 : bySpan(a, b)));
}

function bySpan(a: Piece, b: Piece): number {
  return compare(a.from.lsn, b.from.lsn) || compare(a.from.at, b.from.at);
}

/** The windows of one timeline's pieces; cut where the living history leaves the timeline. */
function windowsOf(pieces: readonly Piece[], living: Stretch | undefined): readonly Window[] {
  const fork = living?.until;
  if (fork === undefined) {
    return runsOf(pieces).flatMap((run) => {
      const stop = stopOf(run);
      const now = living !== undefined && stop.hole === undefined;
      return windowOf(run, { living: living !== undefined, ...stop, ...(now ? { endsBecause: "now" as const } : {}) });
    });
  }
  const before = pieces
    .filter(({ from, starts }) => from.lsn < fork || (starts && from.lsn === fork))
    .map((piece) => upTo(piece, fork))
    .filter(({ replays, reach }) => replays || !reach.replays);
  const left = before.reduce<Point | undefined>((last, { to }) => (last === undefined || to.lsn > last.lsn ? to : last), undefined);
  const after = pieces
    .filter(({ from, to, replays }) => from.lsn > fork || (replays && to.lsn >= fork))
    .map((piece) => (left !== undefined && piece.from.lsn < left.lsn ? { ...piece, from: left } : piece));
  return [
    ...runsOf(before).flatMap((run) => windowOf(run, { living: true, ...leavingOf(run, fork) })),
    ...runsOf(after).flatMap((run) => windowOf(run, { living: false, ...stopOf(run) })),
  ];
}

/** What ends a run that the living history comes out of, or would. */
function leavingOf(run: readonly Piece[], fork: Lsn): Pick<Window, "endsBecause" | "hole"> {
  if (run.some(({ until }) => until >= fork)) return { endsBecause: "forked away", hole: undefined };
  const { hole } = stopOf(run);
  return { endsBecause: hole === undefined ? "now" : "hole", hole };
}

/** What ends a run of a timeline that nobody writes any more. */
function stopOf(run: readonly Piece[]): Pick<Window, "endsBecause" | "hole"> {
  const farthest = run.toSorted((a, b) => compare(a.reach.until, b.reach.until) || a.reach.timeline - b.reach.timeline);
  const hole = farthest.findLast(({ timeline, reach }) => reach.timeline === timeline)?.reach.hole ?? farthest.at(-1)?.reach.hole;
  return { endsBecause: hole === undefined ? "abandoned" : "hole", hole };
}

/** The part of a piece that was written before the fork. */
function upTo(piece: Piece, fork: Lsn): Piece {
  if (piece.until <= fork) return piece;
  const last = lastBefore(piece.reach.commits, fork);
  const replays = last !== undefined && last.lsn >= piece.from.lsn;
  return { ...piece, to: replays ? last : piece.from, replays, until: fork };
}

function windowOf(run: readonly Piece[], rest: Pick<Window, "living" | "endsBecause" | "hole">): readonly Window[] {
  const [first] = run;
  const last = run.toSorted((a, b) => compare(a.to.lsn, b.to.lsn)).at(-1);
  if (first === undefined || last === undefined) return [];
  const sets = [...new Set(run.toSorted((a, b) => compare(a.reach.from.lsn, b.reach.from.lsn)).map(({ reach }) => reach.set.label))];
  const from = { ...first.from, set: first.reach.set.label };
  return [{ timeline: first.timeline, from, to: last.to, sets, backupOnly: run.every(({ replays }) => !replays), ...rest }];
}

function compare(a: bigint, b: bigint): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
