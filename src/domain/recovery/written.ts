import { commitsByTimeline } from "./commits.ts";
import type { Instant } from "./instant.ts";
import { pathTo } from "./path.ts";
import { consistentAt, type RecoveryFacts } from "./reach.ts";

/** When a timeline was written, as far as its commits and backups show. */
export interface Activity {
  readonly timeline: number;
  readonly from: Instant;
  readonly to: Instant;
}

/** When each timeline was written, by id; one that shows neither commit nor backup is left out. */
export function activitiesOf({ sets, archive, moments }: RecoveryFacts): readonly Activity[] {
  const byTimeline = commitsByTimeline(archive, moments);
  return archive.timelines.flatMap(({ id }) => {
    const own = sets.filter(({ timeline }) => timeline === id);
    const times = [...(byTimeline.get(id) ?? []).map(({ at }) => at), ...own.flatMap((set) => [set.finishedAt, consistentAt(set)])];
    const [from, to] = [earliest(times), latest(times)];
    return from === undefined || to === undefined ? [] : [{ timeline: id, from, to }];
  });
}

/**
 * The timeline that was being written at a moment: there is one primary at a time, so that commits and backups tell. Where clocks
 * make two overlap, the living history goes first, then the later timeline. Undefined between two timelines, before the first and after the last.
 */
export function writtenAt(at: Instant, activities: readonly Activity[], facts: RecoveryFacts): number | undefined {
  const living = pathTo(facts.archive, facts.living)?.map(({ timeline }) => timeline) ?? [];
  const candidates = activities.filter(({ from, to }) => from <= at && at <= to).map(({ timeline }) => timeline);
  return candidates.findLast((timeline) => living.includes(timeline)) ?? candidates.at(-1);
}

function earliest(instants: readonly Instant[]): Instant | undefined {
  return instants.reduce<Instant | undefined>((best, one) => (best === undefined || one < best ? one : best), undefined);
}

function latest(instants: readonly Instant[]): Instant | undefined {
  return instants.reduce<Instant | undefined>((best, one) => (best === undefined || one > best ? one : best), undefined);
}
