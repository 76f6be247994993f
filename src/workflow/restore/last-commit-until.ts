import type { WalArchive } from "../../domain/recovery/archive.ts";
import type { CommitMoment } from "../../domain/recovery/commits.ts";
import { formatForPgBackRest, type Instant } from "../../domain/recovery/instant.ts";
import { type Lsn, type Segment, segmentAt, segmentName } from "../../domain/recovery/lsn.ts";
import { pathTo, stretchAt } from "../../domain/recovery/path.ts";
import type { BackupHost } from "../../ports/backup-host.ts";
import { type Surveyed, segmentMoments } from "../backup/survey.ts";

/** How many segments without a commit are looked past. */
const farthestBack = 8;

/** A stretch of history in which a commit is looked for. */
interface Stretch {
  /** The timeline whose history is followed. */
  readonly timeline: number;
  /** Where the set is consistent. */
  readonly from: Lsn;
  readonly until: Instant;
}

/**
 * The commit after which a replay to a time would meet the first one that is later. Stopping right at it gives the same rows as stopping at the
 * time, and nothing of what the later one had already done: a table that it was dropping can be read.
 * Undefined where that cannot be told from the WAL; the time has to do then. Reads a few segments only.
 * @throws Problem EXEC_FAILED, BACKUP_HOST_*
 */
export async function lastCommitUntil(
  host: BackupHost,
  { archive, paths }: Pick<Surveyed, "archive" | "paths">,
  { timeline, from, until }: Stretch,
  signal: AbortSignal,
): Promise<CommitMoment | undefined> {
  const segments = segmentsAlong(archive, timeline, from);
  const reader = new SegmentReader(host, { archive, paths, segments, until }, signal);
  const first = await firstLater(reader, segments.length);
  if (first === undefined) return undefined;
  // Two commits at once may stand in the log the other way round than their times: the segment before may hold a later one, too.
  for (const index of [first - 1, first]) {
    const commits = await reader.commits(index, "next to the time");
    const later = commits?.findIndex(({ at }) => at > until) ?? -1;
    if (commits === undefined || later < 0) continue;
    const found = later > 0 ? commits[later - 1] : await lastBefore(reader, index);
    return found === undefined || found.lsn < from ? undefined : found;
  }
  return undefined;
}

/** Index of the first segment whose last commit is later than the time; halves, because an archive has many. */
async function firstLater(reader: SegmentReader, count: number): Promise<number | undefined> {
  let [low, high] = [0, count];
  while (low < high) {
    const middle = (low + high) >> 1;
    const last = await lastUpTo(reader, middle, low);
    if (last === undefined || last.at <= reader.until) low = middle + 1;
    else high = middle;
  }
  return low < count ? low : undefined;
}

/** The last commit in a segment, or else in those before it, down to another one. */
async function lastUpTo(reader: SegmentReader, index: number, down: number): Promise<CommitMoment | undefined> {
  for (let at = index; at >= Math.max(down, index - farthestBack); at -= 1) {
    const last = (await reader.commits(at, "ends"))?.at(-1);
    if (last !== undefined) return last;
  }
  return undefined;
}

async function lastBefore(reader: SegmentReader, index: number): Promise<CommitMoment | undefined> {
  return index === 0 ? undefined : await lastUpTo(reader, index - 1, 0);
}

/** What is read of the segments of a history, each at most once for each question. */
class SegmentReader {
  readonly until: Instant;
  private readonly host: BackupHost;
  private readonly archive: WalArchive;
  private readonly paths: ReadonlyMap<string, string>;
  private readonly segments: readonly Segment[];
  private readonly signal: AbortSignal;
  private readonly read = new Map<string, readonly CommitMoment[] | undefined>();

  constructor(
    host: BackupHost,
    {
      archive,
      paths,
      segments,
      until,
    }: Pick<Surveyed, "archive" | "paths"> & { readonly segments: readonly Segment[]; readonly until: Instant },
    signal: AbortSignal,
  ) {
    this.host = host;
    this.archive = archive;
    this.paths = paths;
    this.segments = segments;
    this.until = until;
    this.signal = signal;
  }

  /** The first and the last commit of a segment, ascending; and those next to the time. Undefined where there is none such, or it cannot be read. */
  async commits(index: number, wanted: "ends" | "next to the time"): Promise<readonly CommitMoment[] | undefined> {
    const segment = this.segments[index];
    if (segment === undefined) return undefined;
    const name = segmentName(segment, this.archive.segmentBytes);
    const path = this.paths.get(name);
    const key = `${name} ${wanted}`;
    if (path === undefined || this.read.has(key)) return this.read.get(key);
    const until = wanted === "ends" ? {} : { until: formatForPgBackRest(this.until).replace(" ", "T").replace("+00", "Z") };
    const [found] = await this.host.commits([{ segment: name, path, around: [], ...until }], this.signal);
    const commits = found === undefined || "error" in found ? undefined : segmentMoments(found, this.archive.segmentBytes);
    this.read.set(key, commits);
    return commits;
  }
}

/**
 * The segments that a replay along a history reads, in their order. That in which the history changes timelines is read under the later one,
 * which begins with a copy of the earlier one's part.
 */
function segmentsAlong(archive: WalArchive, timeline: number, from: Lsn): readonly Segment[] {
  const path = pathTo(archive, timeline) ?? [];
  let next = segmentAt(from, archive.segmentBytes);
  return path.slice(Math.max(stretchAt(path, from), 0)).flatMap(({ timeline: id, until }) => {
    const spans = archive.timelines.find((one) => one.id === id)?.spans ?? [];
    const span = spans.find(({ first, last }) => first <= next && next <= last);
    const last = Math.min(
      span?.last ?? next - 1,
      until === undefined ? Number.POSITIVE_INFINITY : segmentAt(until, archive.segmentBytes) - 1,
    );
    const numbers = Array.from({ length: Math.max(last - next + 1, 0) }, (_, index) => next + index);
    next = Math.max(last + 1, next);
    return numbers.map((number) => ({ timeline: id, number }));
  });
}
