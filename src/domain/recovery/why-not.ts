import type { Instant } from "./instant.ts";
import type { Lsn } from "./lsn.ts";
import type { Unreachable } from "./out-of-window.ts";
import type { Reach, RecoveryFacts } from "./reach.ts";
import type { RecoverySurvey } from "./windows.ts";
import { activitiesOf, writtenAt } from "./written.ts";

/** Why no restore reaches a moment; `asked` is the target timeline, where one was given. */
export function whyNot(at: Instant, survey: RecoverySurvey, now: Instant, asked: number | undefined): Unreachable {
  const { facts, reaches, windows } = survey;
  if (at > now) return { kind: "future" };
  if (asked !== undefined) {
    return (
      whyNoTarget(asked, facts) ??
      whyNotAlong(
        asked,
        reaches.filter((one) => one.timeline === asked),
        ({ to }) => to.at < at,
      )
    );
  }
  if (reaches.length === 0) return { kind: "nothing" };
  const activities = activitiesOf(facts);
  const written = writtenAt(at, activities, facts);
  if (written === undefined) {
    const before = activities.filter(({ to }) => to < at).toSorted((a, b) => Number(b.to - a.to))[0];
    const after = activities.filter(({ from }) => from > at).toSorted((a, b) => Number(a.from - b.from))[0];
    if (before === undefined) return { kind: "before the first backup" };
    if (after === undefined) return whyNotAfter(before.timeline, at, survey);
    return { kind: "between two timelines", before: before.timeline, after: after.timeline };
  }
  const unusable = whyNoTarget(written, facts);
  if (unusable !== undefined && !windows.some(({ timeline }) => timeline === written)) return unusable;
  return whyNotAfter(written, at, survey);
}

/** Why nothing can be recovered along that timeline at all; undefined when its history is known. */
export function whyNoTarget(timeline: number, { archive }: RecoveryFacts): Unreachable | undefined {
  const found = archive.timelines.find(({ id }) => id === timeline);
  if (found === undefined) return { kind: "timeline unknown", timeline, known: archive.timelines.map(({ id }) => id) };
  return found.history === "root" || found.history === "read" ? undefined : { kind: "history missing", timeline };
}

/** Why the restores along one timeline do not reach a place, of which `ends` tells whether one ends before it. */
export function whyNotAlong(timeline: number, reaches: readonly Reach[], ends: (reach: Reach) => boolean): Unreachable {
  const last = reaches
    .filter(ends)
    .toSorted((a, b) => compare(a.until, b.until))
    .at(-1);
  if (last === undefined) return { kind: "before the first backup" };
  return last.hole === undefined ? { kind: "after the last archived WAL", timeline } : { kind: "hole", hole: last.hole };
}

/** As {@link whyNotAlong}, for a timeline that was being written, whichever restore might have led to it. */
function whyNotAfter(timeline: number, at: Instant, { windows, reaches }: RecoverySurvey): Unreachable {
  const along = whyNotAlong(
    timeline,
    reaches.filter((reach) => reach.timeline === timeline),
    ({ to }) => to.at < at,
  );
  if (along.kind !== "before the first backup") return along;
  const last = windows.findLast((one) => one.timeline === timeline && one.to.at < at);
  if (last === undefined) return along;
  return last.hole === undefined ? { kind: "after the last archived WAL", timeline } : { kind: "hole", hole: last.hole };
}

function compare(a: Lsn, b: Lsn): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
