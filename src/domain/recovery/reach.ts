import type { Hole, WalArchive } from "./archive.ts";
import { type CommitMoment, commitsAlong, commitsByTimeline, firstFrom, lastBefore } from "./commits.ts";
import { type Instant, second, shifted } from "./instant.ts";
import type { Lsn } from "./lsn.ts";
import { type Path, pathTo, type Stretch, walk } from "./path.ts";
import type { BackupSet } from "./repository.ts";

/** A place in the log: the timeline that wrote it, and its time. */
export interface Point {
  readonly timeline: number;
  readonly lsn: Lsn;
  readonly at: Instant;
}

/** What one restore could recover: this set, replayed along the history of this timeline. */
export interface Reach {
  readonly set: BackupSet;
  /** The target timeline. */
  readonly timeline: number;
  readonly path: Path;
  /** Where the set is consistent: nothing before it. */
  readonly from: Point;
  /** The last commit that can be replayed; the same as `from` when none is known after it. */
  readonly to: Point;
  /** True when a known commit can be replayed: where none can, the end of the backup can be asked for by its label, but no time. */
  readonly replays: boolean;
  /** All known commits along the path, whether they can be replayed or not. */
  readonly commits: readonly CommitMoment[];
  /** The byte after the last segment that can be fetched. */
  readonly until: Lsn;
  /** What stops it there; undefined when the archive simply ends. */
  readonly hole: Hole | undefined;
}

/** What the recoverable windows are worked out from. */
export interface RecoveryFacts {
  /** Usable sets of the archive's database. */
  readonly sets: readonly BackupSet[];
  readonly archive: WalArchive;
  /** Commits that others read out of the archive's segments; the more there are, the more exact are the windows' ends. */
  readonly moments: readonly CommitMoment[];
  /** The timeline that the primary writes (or wrote last). */
  readonly living: number;
}

/** Every pair of set and target timeline that can be restored, by timeline and then by age of the set. */
export function reachesOf({ sets, archive, moments }: Omit<RecoveryFacts, "living">): readonly Reach[] {
  const byTimeline = commitsByTimeline(archive, moments);
  return archive.timelines.flatMap(({ id }) => {
    const path = pathTo(archive, id);
    if (path === undefined) return [];
    const commits = commitsAlong(path, byTimeline);
    return sets
      .toSorted((a, b) => (a.stopLsn < b.stopLsn ? -1 : 1))
      .flatMap((set) => {
        const index = stretchOf(set, path);
        return index === undefined ? [] : (reachOf(set, id, path, index, archive, commits) ?? []);
      });
  });
}

/** The stretch of a history that a set lies on with all of its WAL; undefined when the history left its timeline before, or never was there. */
function stretchOf(set: BackupSet, path: Path): number | undefined {
  const index = path.findIndex(({ timeline }) => timeline === set.timeline);
  const stretch: Stretch | undefined = path[index];
  if (stretch === undefined || set.startLsn < stretch.from) return undefined;
  return stretch.until === undefined || set.stopLsn <= stretch.until ? index : undefined;
}

function reachOf(
  set: BackupSet,
  timeline: number,
  path: Path,
  index: number,
  archive: WalArchive,
  commits: readonly CommitMoment[],
): Reach | undefined {
  const { until, hole } = walk(archive, path, index, set.startLsn);
  if (until < set.stopLsn) return undefined;
  const [first, last] = [firstFrom(commits, set.stopLsn), lastBefore(commits, until)];
  const from: Point = { timeline: set.timeline, lsn: set.stopLsn, at: beginOf(set, first) };
  const replayed = last !== undefined && last.lsn >= set.stopLsn;
  // The end of the backup itself stays on its own timeline.
  if (!replayed && timeline !== set.timeline) return undefined;
  const to: Point = replayed ? last : from;
  return { set, timeline, path, from, to, replays: replayed, commits, until, hole };
}

/** When a set is consistent: not later than the commit that follows it. */
function beginOf(set: BackupSet, next: CommitMoment | undefined): Instant {
  const at = consistentAt(set);
  return next !== undefined && next.at < at ? next.at : at;
}

/** The first moment at which a set is consistent for certain: its end is told in whole seconds, and commits of that second may stand before it. */
export function consistentAt(set: BackupSet): Instant {
  return shifted(set.finishedAt, second - 1n);
}
