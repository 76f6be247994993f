import type { Instant } from "../../../src/domain/recovery/instant.ts";
import { firstLsn, type Lsn, lsnOf, segmentAt } from "../../../src/domain/recovery/lsn.ts";
import type { BackupSet } from "../../../src/domain/recovery/repository.ts";
import { type History, segmentBytes, type Written } from "./histories.ts";

/** What Postgres would read, restored from a set with a target timeline, record by record, until no file is left. */
export interface Replay {
  readonly set: BackupSet;
  readonly timeline: number;
  readonly records: readonly Written[];
  /** True when the end of the backup was met, so that the data is consistent. */
  readonly consistent: boolean;
}

/** Every replay that would start at all, by brute force over the files: it knows nothing of spans, windows or reaches. */
export function replaysOf(history: History, usable: readonly BackupSet[]): readonly Replay[] {
  return history.timelines.flatMap(({ id }) => usable.flatMap((set) => replay(history, set, id) ?? []));
}

/**
 * As in Postgres' XLogFileReadAnyTLI: for each segment number the newest timeline of the target's history that has begun by then.
 * A set whose end is not on that history never becomes consistent, and a target without its history file is refused.
 */
function replay({ timelines, segments, histories }: History, set: BackupSet, timeline: number): Replay | undefined {
  const target = timelines.find(({ id }) => id === timeline);
  if (target === undefined || (timeline > 1 && histories[`${timeline.toString(16).toUpperCase().padStart(8, "0")}.history`] === undefined))
    return undefined;
  const history = [...target.forks.map((fork) => fork.timeline), timeline];
  const left = target.forks.find((fork) => fork.timeline === set.timeline)?.lsn;
  if (!history.includes(set.timeline) || (left !== undefined && set.stopLsn > left)) return undefined;
  const begins = history.map((id) => ({
    id,
    segment: segmentAt(timelines.find((one) => one.id === id)?.begin ?? lsnOf(0n), segmentBytes),
  }));
  const records: Written[] = [];
  let number = segmentAt(set.startLsn, segmentBytes);
  for (; ; number++) {
    const file = begins.findLast(({ segment }) => segment <= number);
    const found = file === undefined ? undefined : segments.get(`${file.id}/${number}`);
    if (found === undefined) break;
    records.push(...found.filter(({ lsn, timeline: writer }) => lsn >= set.startLsn && onHistory(writer, lsn, target.forks, timeline)));
  }
  const end = firstLsn(number, segmentBytes);
  return { set, timeline, records: records.filter((record) => record.end <= end), consistent: end >= set.stopLsn };
}

function onHistory(writer: number, lsn: Lsn, forks: History["timelines"][number]["forks"], timeline: number): boolean {
  const left = forks.find((fork) => fork.timeline === writer)?.lsn;
  return writer === timeline || (left !== undefined && lsn < left);
}

/** The commits that are in the database when a replay to that time stops; undefined when it never stops, or stops too early. */
export function stoppedAt({ set, records, consistent }: Replay, at: Instant): readonly Written[] | undefined {
  const index = records.findIndex((record) => record.at > at);
  const stop = records[index];
  return consistent && stop !== undefined && stop.lsn >= set.stopLsn ? records.slice(0, index) : undefined;
}

/** The commits that are there when a replay to that LSN, inclusive, stops; undefined when no known record makes it stop. */
export function stoppedAtLsn({ set, records, consistent }: Replay, target: Lsn): readonly Written[] | undefined {
  const index = records.findIndex((record) => record.lsn >= target);
  const stop = records[index];
  return consistent && stop !== undefined && stop.lsn >= set.stopLsn ? records.slice(0, index + 1) : undefined;
}
