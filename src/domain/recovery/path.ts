import type { Hole, WalArchive } from "./archive.ts";
import type { Fork } from "./history-file.ts";
import { firstLsn, type Lsn, lsnOf, segmentAt, segmentName } from "./lsn.ts";

/** The part of a history that was written on one timeline. */
export interface Stretch {
  readonly timeline: number;
  readonly from: Lsn;
  /** Where the history went on on the next timeline; undefined for the last one. */
  readonly until: Lsn | undefined;
}

/** A way through the log: every recovery to a timeline replays along its history, from a backup on one of its stretches. */
export type Path = readonly Stretch[];

/** How far the archive lets a replay come. */
export interface Walk {
  /** The byte after the last segment that can be fetched without a gap. */
  readonly until: Lsn;
  /** What stops it there; undefined when the archive simply ends. */
  readonly hole: Hole | undefined;
}

/** The history that ends on that timeline; undefined when the archive does not hold it: Postgres then refuses to recover to it. */
export function pathTo(archive: WalArchive, timeline: number): Path | undefined {
  const found = archive.timelines.find(({ id }) => id === timeline);
  return found?.history === "root" || found?.history === "read" ? along(found.forks, timeline) : undefined;
}

/** As {@link pathTo}, but also from the history file of a descendant: that tells where a timeline came from, which is not enough to recover to it. */
export function lineageOf(archive: WalArchive, timeline: number): Path | undefined {
  const descendant = archive.timelines.find(({ forks }) => forks.some((fork) => fork.timeline === timeline));
  const known = descendant?.forks.slice(
    0,
    descendant.forks.findIndex((fork) => fork.timeline === timeline),
  );
  return pathTo(archive, timeline) ?? (known === undefined ? undefined : along(known, timeline));
}

function along(forks: readonly Fork[], timeline: number): Path {
  const starts = [lsnOf(0n), ...forks.map(({ lsn }) => lsn)];
  return [...forks.map((fork) => fork.timeline), timeline].map((id, index) => ({
    timeline: id,
    from: starts[index] ?? lsnOf(0n),
    until: starts[index + 1],
  }));
}

/** Index of the stretch that holds the record at this LSN. */
export function stretchAt(path: Path, lsn: Lsn): number {
  return path.findIndex(({ until }) => until === undefined || lsn < until);
}

/**
 * Follows the segments from the one that holds `start`, which lies on `path[index]`.
 * The segment in which a history changes timelines must be there under the later one, which begins with a copy of the earlier one's
 * part: that is enough, even where the earlier one's was never archived; the earlier one's alone ends the replay before the fork.
 */
export function walk(archive: WalArchive, path: Path, index: number, start: Lsn): Walk {
  let next = segmentAt(start, archive.segmentBytes);
  for (const { timeline, until } of path.slice(index)) {
    const last = until === undefined ? Number.POSITIVE_INFINITY : segmentAt(until, archive.segmentBytes) - 1;
    const found = archive.timelines.find(({ id }) => id === timeline);
    const span = found?.spans.find((one) => one.first <= next && next <= one.last);
    const reached = span === undefined ? next - 1 : Math.min(span.last, last);
    if (reached < last) return { until: firstLsn(reached + 1, archive.segmentBytes), hole: holeAt(archive, timeline, reached + 1, last) };
    next = reached + 1;
  }
  return { until: firstLsn(next, archive.segmentBytes), hole: undefined };
}

/** What is missing from that segment on, when the archive holds anything later that the path needs; undefined at its end. */
function holeAt(archive: WalArchive, timeline: number, number: number, needed: number): Hole | undefined {
  const found = archive.timelines.find(({ id }) => id === timeline);
  const known = found?.holes.find(({ first, last }) => first <= number && number <= last);
  if (known !== undefined) return known;
  const later = found?.spans.find(({ first }) => first > number);
  const last = Math.min(needed, (later?.first ?? Number.POSITIVE_INFINITY) - 1);
  if (!Number.isFinite(last)) return undefined;
  const name = (one: number): string => segmentName({ timeline, number: one }, archive.segmentBytes);
  return { timeline, kind: "missing", first: number, last, firstName: name(number), lastName: name(last) };
}
