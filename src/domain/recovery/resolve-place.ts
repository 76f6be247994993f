import { lastBefore } from "./commits.ts";
import { formatLsn, type Lsn, lsnOf } from "./lsn.ts";
import { nearestTo, nearestToLsn, outOfWindow, type Unreachable } from "./out-of-window.ts";
import { stretchAt } from "./path.ts";
import type { Reach } from "./reach.ts";
import { atEnd, best, isPoint, type ResolveContext, type ResolvedTarget, type RestorePoint, resolved } from "./resolved.ts";
import { whyNoTarget, whyNot, whyNotAlong } from "./why-not.ts";

/** The record at this LSN, on the history that was asked for or is living. */
export function toLsn(lsn: Lsn, context: ResolveContext): ResolvedTarget {
  const { facts, reaches } = context.survey;
  const timeline = context.timeline ?? facts.living;
  const holds = ({ from, to }: Reach): boolean => from.lsn <= lsn && lsn <= to.lsn;
  const along = reaches.filter((one) => one.timeline === timeline);
  const reach = best(along.filter(holds), timeline, facts.living);
  if (reach === undefined) {
    const others = [...new Set(reaches.filter(holds).map((one) => one.timeline))];
    const why: Unreachable =
      others.length > 0
        ? { kind: "other timeline", timelines: others }
        : (whyNoTarget(timeline, facts) ?? whyNotAlong(timeline, along, ({ to }) => to.lsn < lsn));
    throw outOfWindow(`LSN ${formatLsn(lsn)}`, why, nearestToLsn(lsn, along));
  }
  if (isPoint(reach)) return atEnd(reach, context);
  const last = lastBefore(reach.commits, lsnOf(lsn + 1n));
  const place = last === undefined || last.lsn < reach.from.lsn ? reach.from : last;
  return resolved(reach, { type: "lsn", target: formatLsn(lsn), at: place.at, lsn: place.lsn }, context);
}

/** The newest restore point of that name; on the history that was asked for or is living, where it is on several. */
export function toName(name: string, context: ResolveContext): ResolvedTarget {
  const { facts, reaches } = context.survey;
  const preferred = context.timeline ?? facts.living;
  const named = context.restorePoints.filter((point) => point.name === name);
  if (named.length === 0) {
    throw outOfWindow(
      `restore point ${name}`,
      { kind: "restore point unknown", known: [...new Set(context.restorePoints.map((one) => one.name))] },
      {},
    );
  }
  const found = named.flatMap((point) => {
    const reach = best(
      reaches.filter((one) => (context.timeline === undefined || one.timeline === context.timeline) && holdsPoint(one, point)),
      preferred,
      facts.living,
    );
    return reach === undefined ? [] : [{ point, reach }];
  });
  const [choice] = found.toSorted(
    (a, b) => Number(b.reach.timeline === preferred) - Number(a.reach.timeline === preferred) || Number(b.point.at - a.point.at),
  );
  const [newest] = named.toSorted((a, b) => Number(b.at - a.at));
  if (choice === undefined) {
    const at = newest?.at ?? context.now;
    throw outOfWindow(
      `restore point ${name}`,
      whyNot(at, context.survey, context.now, context.timeline),
      nearestTo(at, context.survey, context.timeline),
    );
  }
  const { point, reach } = choice;
  // Postgres stops at the first record of that name that it meets, even before the backup is consistent.
  const earlier = named.some((one) => one !== point && holdsRecord(reach, one) && one.lsn < point.lsn);
  const target = earlier ? { type: "lsn" as const, target: formatLsn(point.lsn) } : { type: "name" as const, target: name };
  const last = lastBefore(reach.commits, point.lsn);
  const lsn = last === undefined || last.lsn < reach.from.lsn ? reach.from.lsn : last.lsn;
  return resolved(reach, { ...target, at: point.at, lsn }, context);
}

/** True when a replay of that reach meets the record of the point, and not before it is consistent. */
function holdsPoint(reach: Reach, point: RestorePoint): boolean {
  return holdsRecord(reach, point) && reach.from.lsn <= point.lsn;
}

function holdsRecord({ set, path, until }: Reach, point: RestorePoint): boolean {
  return path[stretchAt(path, point.lsn)]?.timeline === point.timeline && set.startLsn <= point.lsn && point.lsn < until;
}
