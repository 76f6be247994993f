import type { Timeline, WalArchive } from "./archive.ts";
import type { Instant } from "./instant.ts";
import { firstLsn, type Lsn } from "./lsn.ts";
import { lineageOf, type Path, stretchAt } from "./path.ts";

/**
 * A commit that was read out of a segment of that timeline: where its record begins, and its time by Postgres' clock.
 * The first and the last of each segment are enough for windows that are right; those next to a fork, on both timelines, make the
 * windows' ends exact there.
 */
export interface CommitMoment {
  readonly timeline: number;
  readonly lsn: Lsn;
  readonly at: Instant;
}

/**
 * The moments by the timeline on which they were written, each ascending by LSN, without doubles.
 * The first segment of a timeline begins with a copy of what its parent wrote before the fork: that is counted as the parent's, and left
 * out where the archive does not tell the parent.
 */
export function commitsByTimeline(archive: WalArchive, moments: readonly CommitMoment[]): ReadonlyMap<number, readonly CommitMoment[]> {
  const writers = new Map(archive.timelines.map((timeline) => [timeline.id, writerOn(timeline, archive)] as const));
  const found = new Map<number, Map<Lsn, CommitMoment>>();
  for (const moment of moments) {
    const timeline = writers.get(moment.timeline)?.(moment.lsn);
    if (timeline === undefined) continue;
    const own = found.get(timeline) ?? new Map<Lsn, CommitMoment>();
    found.set(timeline, own.set(moment.lsn, { ...moment, timeline }));
  }
  return new Map([...found].map(([timeline, own]) => [timeline, [...own.values()].toSorted((a, b) => (a.lsn < b.lsn ? -1 : 1))]));
}

/** Tells which timeline wrote a record that stands in a segment of that one. */
function writerOn({ id, spans }: Timeline, archive: WalArchive): (lsn: Lsn) => number | undefined {
  const path = lineageOf(archive, id);
  if (path !== undefined) return (lsn) => path[stretchAt(path, lsn)]?.timeline;
  const second = firstLsn((spans[0]?.first ?? 0) + 1, archive.segmentBytes);
  return (lsn) => (lsn < second ? undefined : id);
}

/**
 * The commits along a history, ascending by LSN and never descending in time.
 * Two commits at once may stand in the log the other way round than their times; a replay stops at the first record that is later than
 * its target, so that only the latest time so far counts.
 */
export function commitsAlong(path: Path, byTimeline: ReadonlyMap<number, readonly CommitMoment[]>): readonly CommitMoment[] {
  const all = path.flatMap(({ timeline, from, until }) =>
    (byTimeline.get(timeline) ?? []).filter(({ lsn }) => lsn >= from && (until === undefined || lsn < until)),
  );
  let latest: Instant | undefined;
  return all.map((moment) => {
    latest = latest === undefined || moment.at > latest ? moment.at : latest;
    return moment.at === latest ? moment : { ...moment, at: latest };
  });
}

/** The first of ascending commits whose record begins at this LSN or later. */
export function firstFrom(commits: readonly CommitMoment[], lsn: Lsn): CommitMoment | undefined {
  return commits[countWhile(commits, (commit) => commit.lsn < lsn)];
}

/** The last of ascending commits whose record begins before this LSN. */
export function lastBefore(commits: readonly CommitMoment[], lsn: Lsn): CommitMoment | undefined {
  return commits[countWhile(commits, (commit) => commit.lsn < lsn) - 1];
}

/** The last of ascending commits that a replay to this time includes. */
export function lastUntil(commits: readonly CommitMoment[], at: Instant): CommitMoment | undefined {
  return commits[countWhile(commits, (commit) => commit.at <= at) - 1];
}

/** How many commits a predicate holds for that holds for the first ones only; halves, because an archive has many. */
function countWhile(commits: readonly CommitMoment[], holds: (commit: CommitMoment) => boolean): number {
  let [low, high] = [0, commits.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    const commit = commits[middle];
    if (commit !== undefined && holds(commit)) low = middle + 1;
    else high = middle;
  }
  return low;
}
