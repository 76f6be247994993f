import type { WalArchive } from "../../domain/recovery/archive.ts";
import type { CommitMoment } from "../../domain/recovery/commits.ts";
import { formatForPgBackRest, type Instant } from "../../domain/recovery/instant.ts";
import { type Lsn, type Segment, segmentAt, segmentName } from "../../domain/recovery/lsn.ts";
import { pathTo, stretchAt } from "../../domain/recovery/path.ts";
import type { BackupHost } from "../../ports/backup-host.ts";
import { type Surveyed, segmentMoments } from "../backup/survey.ts";

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
 * Undefined where that cannot be told from the WAL: then the time has to do, and Postgres stops by it or fails. One segment that cannot be read
 * is enough for that, because what was committed in it is not known. Reads a few segments only, and all of those between two commits where a
 * long transaction filled them.
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
  const found = await search(reader, segments.length);
  return reader.failed || found === undefined || found.lsn < from ? undefined : found;
}

async function search(reader: SegmentReader, count: number): Promise<CommitMoment | undefined> {
  const first = await firstLater(reader, count);
  if (first === undefined) return undefined;
  // Two commits at once may stand in the log the other way round than their times: the segment before may hold a later one, too.
  for (const index of [first - 1, first]) {
    const commits = await reader.commits(index, "next to the time");
    const later = commits.findIndex(({ at }) => at > reader.until);
    if (later >= 0) return later > 0 ? commits[later - 1] : await lastUpTo(reader, index - 1, 0);
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
  for (let at = index; at >= down; at -= 1) {
    const last = (await reader.commits(at, "ends")).at(-1);
    if (last !== undefined) return last;
  }
  return undefined;
}

/** What is read of the segments of a history, each at most once for each question. */
class SegmentReader {
  readonly until: Instant;
  /** True once a segment could not be read. */
  failed = false;
  private readonly host: BackupHost;
  private readonly archive: WalArchive;
  private readonly paths: ReadonlyMap<string, string>;
  private readonly segments: readonly Segment[];
  private readonly signal: AbortSignal;
  private readonly read = new Map<string, readonly CommitMoment[]>();

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

  /** The first and the last commit of a segment, ascending, or those next to the time, too; none where it holds none, or cannot be read. */
  async commits(index: number, wanted: "ends" | "next to the time"): Promise<readonly CommitMoment[]> {
    const segment = this.segments[index];
    if (segment === undefined) return [];
    const name = segmentName(segment, this.archive.segmentBytes);
    const key = `${name} ${wanted}`;
    const known = this.read.get(key);
    if (known !== undefined) return known;
    const commits = await this.ask(name, wanted);
    if (commits === undefined) this.failed = true;
    this.read.set(key, commits ?? []);
    return commits ?? [];
  }

  private async ask(name: string, wanted: "ends" | "next to the time"): Promise<readonly CommitMoment[] | undefined> {
    const path = this.paths.get(name);
    if (path === undefined) return undefined;
    const until = wanted === "ends" ? {} : { until: formatForPgBackRest(this.until).replace(" ", "T").replace("+00", "Z") };
    const [found] = await this.host.commits([{ segment: name, path, around: [], ...until }], this.signal);
    return found === undefined || "error" in found ? undefined : segmentMoments(found, this.archive.segmentBytes);
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
