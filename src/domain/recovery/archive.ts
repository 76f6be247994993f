import { type ArchiveFile, kindOf } from "./archive-files.ts";
import { type Fork, parseHistory } from "./history-file.ts";
import { isSegmentBytes, segmentName } from "./lsn.ts";

/** Consecutive segments of one timeline, by number, both ends included. */
interface Span {
  readonly first: number;
  readonly last: number;
}

/** Consecutive segments that cannot be fetched, although the archive holds earlier or later ones. */
export interface Hole extends Span {
  readonly timeline: number;
  /** File names of the first and the last of them. */
  readonly firstName: string;
  readonly lastName: string;
  /** `missing`: not there, or of no size. `ambiguous`: there more than once, which pgBackRest refuses to fetch. */
  readonly kind: "missing" | "ambiguous";
}

/** A segment that is in the archive more than once. */
interface Duplicate {
  readonly name: string;
  readonly paths: readonly string[];
  /** True when the contents differ: two clusters write to this archive, or did. */
  readonly differing: boolean;
}

/** What the archive holds of one timeline. */
export interface Timeline {
  readonly id: number;
  /** How its history is known. A timeline other than 1 whose history file is missing or unreadable cannot be recovered to. */
  readonly history: "root" | "read" | "missing" | "unreadable";
  /** Where the timelines before it were left, oldest first; empty for a root and where the history is not known. */
  readonly forks: readonly Fork[];
  /** The last of the forks. */
  readonly parent: Fork | undefined;
  /** Runs of segments that can be fetched, ascending. */
  readonly spans: readonly Span[];
  /** What cannot be fetched from the first file of the timeline to its last, ascending. */
  readonly holes: readonly Hole[];
  readonly duplicates: readonly Duplicate[];
  /** Names of segments that are there only as `.partial`: the unfinished last one of a timeline that was left. Recovery does not use them. */
  readonly partials: readonly string[];
  /** Bytes of its files in the repository. */
  readonly bytes: number;
}

/** The write-ahead log that the repository holds of one database. */
export interface WalArchive {
  /** pgBackRest's folder for it: `17-1`, major version and database id. */
  readonly id: string;
  readonly version: string;
  readonly databaseId: number;
  readonly segmentBytes: number;
  /** By id, ascending: those that have a file in the archive, and those that a history file names. */
  readonly timelines: readonly Timeline[];
  /** Paths of files that are none of an archive's. */
  readonly unknown: readonly string[];
}

/** What the archive of one database is read from. */
export interface ArchiveSource {
  readonly files: readonly ArchiveFile[];
  /** Content of the history files, by file name: `00000002.history`. */
  readonly histories: Readonly<Record<string, string>>;
  readonly databaseId: number;
  /** Major version: `17`. */
  readonly version: string;
  /** Bytes of a segment of that database. */
  readonly segmentBytes: number;
}

/**
 * Sorts the archive's files into timelines and walks each for continuity, which pgBackRest's `verify` does not do.
 * @throws RangeError for a size of segments that Postgres does not have
 */
export function readArchive({ files, histories, databaseId, version, segmentBytes }: ArchiveSource): WalArchive {
  if (!isSegmentBytes(segmentBytes)) throw new RangeError(`${segmentBytes} is no size of a WAL segment`);
  const id = `${version}-${databaseId}`;
  const found = new Map<number, FoundTimeline>();
  const of = (timeline: number): FoundTimeline => {
    const known = found.get(timeline) ?? { segments: new Map(), partials: new Set(), bytes: 0 };
    found.set(timeline, known);
    return known;
  };
  const unknown: string[] = [];
  for (const { path, bytes } of files) {
    if (!path.startsWith(`${id}/`)) continue;
    const kind = kindOf(path.slice(path.lastIndexOf("/") + 1), segmentBytes);
    if (kind === undefined) {
      unknown.push(path);
      continue;
    }
    const timeline = of(kind.timeline);
    timeline.bytes += bytes;
    if (kind.kind === "partial") timeline.partials.add(kind.name);
    if (kind.kind === "segment") {
      const copies = timeline.segments.get(kind.number) ?? [];
      timeline.segments.set(kind.number, [...copies, { path, digest: kind.digest, bytes }]);
    }
  }
  for (const text of Object.values(histories)) for (const fork of parseHistory(text) ?? []) of(fork.timeline);
  const timelines = [...found].toSorted(([a], [b]) => a - b).map(([number, one]) => timelineOf(number, one, histories, segmentBytes));
  return { id, version, databaseId, segmentBytes, timelines, unknown };
}

interface Copy {
  readonly path: string;
  readonly digest: string;
  readonly bytes: number;
}

interface FoundTimeline {
  readonly segments: Map<number, readonly Copy[]>;
  readonly partials: Set<string>;
  bytes: number;
}

function timelineOf(id: number, found: FoundTimeline, histories: ArchiveSource["histories"], segmentBytes: number): Timeline {
  const name = (number: number): string => segmentName({ timeline: id, number }, segmentBytes);
  const text = histories[`${id.toString(16).toUpperCase().padStart(8, "0")}.history`];
  const forks = text === undefined ? undefined : parseHistory(text)?.filter((fork) => fork.timeline < id);
  const history = id === 1 ? "root" : text === undefined ? "missing" : forks === undefined ? "unreadable" : "read";
  const copies = [...found.segments].toSorted(([a], [b]) => a - b);
  const duplicates = copies
    .filter(([, files]) => files.length > 1)
    .map(([number, files]) => ({
      name: name(number),
      paths: files.map(({ path }) => path).toSorted(),
      differing: new Set(files.map(({ digest }) => digest)).size > 1,
    }));
  const spans = spansOf(copies.filter(([, files]) => files.length === 1 && files[0]?.bytes !== 0).map(([number]) => number));
  const ambiguous = spansOf(copies.filter(([, files]) => files.length > 1).map(([number]) => number));
  const holes = gapsBetween(spans, spansOf(copies.map(([number]) => number)))
    .flatMap((gap) => pieces(gap, ambiguous))
    .map((piece) => ({ timeline: id, ...piece, firstName: name(piece.first), lastName: name(piece.last) }));
  const partials = [...found.partials].toSorted();
  return { id, history, forks: forks ?? [], parent: forks?.at(-1), spans, holes, duplicates, partials, bytes: found.bytes };
}

function spansOf(numbers: readonly number[]): readonly Span[] {
  const spans: { first: number; last: number }[] = [];
  for (const number of numbers) {
    const open = spans.at(-1);
    if (open !== undefined && open.last + 1 === number) open.last = number;
    else spans.push({ first: number, last: number });
  }
  return spans;
}

/** What lies between the spans, and what is there before the first or after the last of them without being fetchable. */
function gapsBetween(spans: readonly Span[], existing: readonly Span[]): readonly Span[] {
  const gaps: Span[] = [];
  let next = existing[0]?.first ?? 0;
  for (const { first, last } of spans) {
    if (first > next) gaps.push({ first: next, last: first - 1 });
    next = last + 1;
  }
  const end = existing.at(-1)?.last ?? -1;
  return next > end ? gaps : [...gaps, { first: next, last: end }];
}

/** A gap cut into what is missing and what is there more than once. */
function pieces(gap: Span, ambiguous: readonly Span[]): readonly (Span & Pick<Hole, "kind">)[] {
  const cut: (Span & Pick<Hole, "kind">)[] = [];
  let next = gap.first;
  for (const { first, last } of ambiguous) {
    if (last < gap.first || first > gap.last) continue;
    if (first > next) cut.push({ kind: "missing", first: next, last: first - 1 });
    cut.push({ kind: "ambiguous", first, last });
    next = last + 1;
  }
  return next > gap.last ? cut : [...cut, { kind: "missing", first: next, last: gap.last }];
}
