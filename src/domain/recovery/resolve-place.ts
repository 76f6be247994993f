import { Problem } from "../errors/problem.ts";
import { lastBefore } from "./commits.ts";
import type { Instant } from "./instant.ts";
import { formatLsn, type Lsn, lsnOf } from "./lsn.ts";
import { nearestToLsn, outOfWindow, type Unreachable } from "./out-of-window.ts";
import { stretchAt } from "./path.ts";
import type { Point, Reach } from "./reach.ts";
import { atEnd, best, type ResolveContext, type ResolvedTarget, resolved } from "./resolved.ts";
import type { RestorePoint } from "./restore-point.ts";
import { whyNoTarget, whyNotAlong } from "./why-not.ts";

/** The record at this LSN, on the history that was asked for or is living. */
export function toLsn(lsn: Lsn, context: ResolveContext): ResolvedTarget {
  const { facts, reaches } = context.survey;
  const timeline = context.timeline ?? facts.living;
  const holds = ({ from, to }: Reach): boolean => from.lsn <= lsn && lsn <= to.lsn;
  const along = reaches.filter((one) => one.timeline === timeline);
  const reach = best(along.filter(holds), timeline, facts.living);
  if (reach === undefined) {
    const others = [...new Set(reaches.filter(holds).map((one) => one.timeline))];
    const own = whyNoTarget(timeline, facts) ?? whyNotAlong(timeline, along, ({ to }) => to.lsn < lsn);
    const why: Unreachable = others.length > 0 && own.kind !== "hole" ? { kind: "other timeline", timelines: others } : own;
    throw outOfWindow(`LSN ${formatLsn(lsn)}`, why, nearestToLsn(lsn, along));
  }
  if (!reach.replays) return atEnd(reach, context);
  const last = lastBefore(reach.commits, lsnOf(lsn + 1n));
  return resolved(reach, { type: "lsn", target: formatLsn(lsn), at: timeOf(reach, last), last }, context);
}

/**
 * The restore point of that name, by its LSN: Postgres would stop at the first record of the name that it meets, which may be one that was
 * never catalogued. @throws Problem RESTORE_POINT_AMBIGUOUS, RECOVERY_OUT_OF_WINDOW
 */
export function toName(name: string, context: ResolveContext): ResolvedTarget {
  const { survey, restorePoints, timeline: asked } = context;
  const named = restorePoints.filter((point) => point.name === name);
  const written = [...new Set(named.map(({ timeline }) => timeline))].toSorted((a, b) => a - b);
  if (asked === undefined && written.length > 1) throw ambiguous(name, written);
  const reaches = survey.reaches.filter(({ timeline }) => asked === undefined || timeline === asked);
  const preferred = asked ?? survey.facts.living;
  const choices = named.flatMap((point) => {
    const reach = best(reachesOf(point, reaches), preferred, survey.facts.living);
    return reach === undefined ? [] : [{ point, reach }];
  });
  const own = ({ point }: { readonly point: RestorePoint }): number => (point.timeline === asked ? 0 : 1);
  const [choice] = choices.toSorted((a, b) => own(a) - own(b) || Number(b.point.lsn - a.point.lsn));
  if (choice === undefined) throw nameRefused(name, named, reaches, context);
  const { point, reach } = choice;
  return resolved(reach, { type: "lsn", target: formatLsn(point.lsn), at: point.at, last: lastBefore(reach.commits, point.lsn) }, context);
}

/** The restores that lead to a restore point. */
export function reachesOf(point: RestorePoint, reaches: readonly Reach[]): readonly Reach[] {
  return reaches.filter((reach) => holdsRecord(reach, point) && reach.from.lsn <= point.lsn);
}

function ambiguous(name: string, timelines: readonly number[]): Problem {
  return new Problem("RESTORE_POINT_AMBIGUOUS", {
    what: `restore point ${name} stands on timelines ${timelines.join(" and ")}`,
    fix: `Give the timeline: ${timelines.map((timeline) => `--timeline ${timeline}`).join(" or ")}.`,
    data: { name, timelines: [...timelines] },
  });
}

function nameRefused(
  name: string,
  named: readonly RestorePoint[],
  along: readonly Reach[],
  { survey, restorePoints, timeline }: ResolveContext,
): Problem {
  const what = `restore point ${name}`;
  const [point] = named.toSorted((a, b) => Number(b.lsn - a.lsn));
  if (point === undefined)
    return outOfWindow(what, { kind: "restore point unknown", known: [...new Set(restorePoints.map((one) => one.name))] }, {});
  const target = timeline ?? point.timeline;
  const own = along.filter((reach) => reach.timeline === target);
  const why = whyNoTarget(target, survey.facts) ?? whyNotAlong(target, own, ({ from }) => from.lsn <= point.lsn);
  return outOfWindow(what, why, nearestToLsn(point.lsn, own));
}

/** The time of the last known commit that is replayed; that of the set's end when there is none after it. */
function timeOf({ from }: Reach, last: Point | undefined): Instant {
  return last === undefined || last.lsn < from.lsn ? from.at : last.at;
}

/** True when a replay of that reach meets the record of the point. */
function holdsRecord({ set, path, until }: Reach, point: RestorePoint): boolean {
  return path[stretchAt(path, point.lsn)]?.timeline === point.timeline && set.startLsn <= point.lsn && point.lsn < until;
}
