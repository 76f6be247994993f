import type { Instant } from "./instant.ts";
import { type Loss, lossOf } from "./loss.ts";
import { formatLsn, type Lsn } from "./lsn.ts";
import { holeInWords } from "./out-of-window.ts";
import { pathTo } from "./path.ts";
import type { Point, Reach } from "./reach.ts";
import type { BackupRepository, BackupSet } from "./repository.ts";
import type { RestorePoint } from "./restore-point.ts";
import type { RecoverySurvey, Window } from "./windows.ts";

/** What a target is resolved against. */
export interface ResolveContext {
  readonly survey: RecoverySurvey;
  /** For targets that name a backup. */
  readonly repository: BackupRepository;
  /** For targets that name one. */
  readonly restorePoints: readonly RestorePoint[];
  readonly now: Instant;
  /** `--timeline`: recover along the history of this one, whichever was being written. */
  readonly timeline?: number;
}

/** A target as pgBackRest and Postgres are told it, and what a person should know before saying yes. */
export interface ResolvedTarget {
  /** `--set`: never left to pgBackRest, which takes the newest before the time, whatever its timeline. */
  readonly set: BackupSet;
  /** The timeline that is replayed along: always a number, never `latest`. For type immediate the set's own. */
  readonly timeline: number;
  /** `--type`. */
  readonly type: "time" | "lsn" | "immediate";
  /** `--target`; undefined for type immediate. A time has its offset; an LSN is inclusive. */
  readonly target: string | undefined;
  /** The moment whose state it is: for an LSN, the last known commit up to it; for a backup, the second in which it ended. */
  readonly at: Instant;
  /** The last known commit that is replayed, or where the set is consistent. */
  readonly lsn: Lsn;
  readonly window: Window;
  readonly expectedLoss: Loss;
  /** Whole sentences for people; empty when nothing is unusual. */
  readonly notes: readonly string[];
}

/** The reach to use among those that reach the target: the newest set, then the timeline that was asked for or written, then the living one. */
export function best(reaches: readonly Reach[], preferred: number, living: number): Reach | undefined {
  const rank = ({ timeline }: Reach): number => (timeline === preferred ? 0 : timeline === living ? 1 : 2);
  return reaches.toSorted((a, b) => Number(b.from.lsn - a.from.lsn) || rank(a) - rank(b) || a.timeline - b.timeline)[0];
}

/** Completes a choice by its window, its loss and what is to be said about it; `last` is the last known commit that is replayed, if there is one. */
export function resolved(
  reach: Reach,
  { type, target, at, last }: Pick<ResolvedTarget, "type" | "target" | "at"> & { readonly last: Point | undefined },
  { survey, now }: ResolveContext,
  notes: readonly string[] = [],
): ResolvedTarget {
  const place = last === undefined || last.lsn < reach.from.lsn ? reach.from : last;
  const window = windowAt(place, at, reach, survey);
  return {
    set: reach.set,
    timeline: reach.timeline,
    type,
    target,
    at,
    lsn: place.lsn,
    window,
    expectedLoss: lossOf(reach, at, survey.facts, now),
    notes: [...aboutTimeline(window, survey), ...notes],
  };
}

/**
 * The window of a place. Between a fork and the next commit of the timeline that was left, two hold it: the living one, unless the replay
 * stays on the timeline until after the fork. Where a set's own timeline was left before it committed again, it is the next on the way.
 */
function windowAt(place: Point, at: Instant, { set, path }: Reach, { windows, facts }: RecoverySurvey): Window {
  const [own, living] = [path, pathTo(facts.archive, facts.living)].map(
    (one) => one?.find(({ timeline }) => timeline === place.timeline)?.until,
  );
  const passesFork = living !== undefined && (own === undefined || own > living);
  const stays = ({ from, to }: Window): boolean => passesFork && from.at <= at && at <= to.at;
  const candidates = windows
    .filter(({ timeline, from, to }) => timeline === place.timeline && from.lsn <= place.lsn && place.lsn <= to.lsn)
    .toSorted((a, b) => Number(stays(b)) - Number(stays(a)) || Number(b.living) - Number(a.living));
  const later = path.slice(path.findIndex(({ timeline }) => timeline === place.timeline) + 1).map(({ timeline }) => timeline);
  const found = candidates[0] ?? windows.find(({ timeline, sets }) => later.includes(timeline) && sets.includes(set.label));
  if (found === undefined) throw new RangeError(`no window holds ${formatLsn(place.lsn)} of timeline ${place.timeline}`);
  return found;
}

/** The last commit of a reach, or the end of its backup when there is none. No later one would make a replay to its time stop, so that it is named by its LSN. */
export function atEnd(reach: Reach, context: ResolveContext): ResolvedTarget {
  const { to, hole } = reach;
  const notes = hole === undefined ? [] : [`Nothing later can be reached: ${holeInWords(hole)}.`];
  if (!reach.replays)
    return atBackup(reach, context, [...notes, "No commit can be replayed after the backup: this is the end of the backup itself."]);
  return resolved(reach, { type: "lsn", target: formatLsn(to.lsn), at: to.at, last: to }, context, notes);
}

/** The end of the reach's backup. */
export function atBackup(reach: Reach, context: ResolveContext, notes: readonly string[] = []): ResolvedTarget {
  return resolved(reach, { type: "immediate", target: undefined, at: reach.set.finishedAt, last: undefined }, context, notes);
}

function aboutTimeline({ living, timeline }: Window, { facts }: RecoverySurvey): readonly string[] {
  if (living) return [];
  const fork = facts.archive.timelines.find(({ id }) => id === facts.living)?.forks.find((one) => one.timeline === timeline);
  const left = fork === undefined ? "was abandoned" : `was abandoned at ${formatLsn(fork.lsn)}`;
  return [`This is on timeline ${timeline}, which ${left}: it can be recovered, without what timeline ${facts.living} has written since.`];
}
