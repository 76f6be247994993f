import { assertNever } from "../assert-never.ts";
import { lastUntil } from "./commits.ts";
import { formatForPgBackRest, formatInstant, type Instant } from "./instant.ts";
import { nearestTo, outOfWindow } from "./out-of-window.ts";
import type { Reach } from "./reach.ts";
import { toBackup } from "./resolve-backup.ts";
import { toLsn, toName } from "./resolve-place.ts";
import { atEnd, best, type ResolveContext, type ResolvedTarget, resolved } from "./resolved.ts";
import type { RecoveryTarget } from "./target.ts";
import { whyNoTarget, whyNot } from "./why-not.ts";
import { piecesOf } from "./windows.ts";
import { activitiesOf, writtenAt } from "./written.ts";

/**
 * Works out which set to restore along which timeline so that a replay reaches the target and stops there.
 * @throws Problem RECOVERY_OUT_OF_WINDOW, BACKUP_UNKNOWN, BACKUP_UNUSABLE, WAL_MISSING, POSTGRES_MAJOR_MISMATCH
 */
export function resolveTarget(target: RecoveryTarget, context: ResolveContext): ResolvedTarget {
  switch (target.kind) {
    case "time":
      return toTime(target.at, context);
    case "lsn":
      return toLsn(target.lsn, context);
    case "name":
      return toName(target.name, context);
    case "backup":
      return toBackup(target.label, context);
    case "latest":
      return toLatest(context);
    default:
      return assertNever(target);
  }
}

function toTime(at: Instant, context: ResolveContext): ResolvedTarget {
  const { survey, now, timeline: asked } = context;
  const { facts } = survey;
  const written = at > now ? undefined : (asked ?? writtenAt(at, activitiesOf(facts), facts));
  const reach = written === undefined ? undefined : best(reachesAt(at, written, context), written, facts.living);
  if (reach === undefined) throw outOfWindow(formatInstant(at), whyNot(at, survey, now, asked), nearestTo(at, survey, asked));
  if (at === reach.to.at) return atEnd(reach, context);
  return resolved(reach, { type: "time", target: formatForPgBackRest(at), at, last: lastUntil(reach.commits, at) }, context);
}

/**
 * With a timeline that was asked for, any moment of its history; without, only moments at which that timeline itself was written. Never the
 * end of a backup after which nothing can be replayed: nobody knows what had been committed at the time that it is given.
 */
function reachesAt(at: Instant, written: number, { survey, timeline: asked }: ResolveContext): readonly Reach[] {
  const reaches = survey.reaches.filter(({ replays }) => replays);
  const holds = ({ from, to }: Pick<Reach, "from" | "to">): boolean => from.at <= at && at <= to.at;
  if (asked !== undefined) return reaches.filter((reach) => reach.timeline === asked && holds(reach));
  return piecesOf(written, reaches)
    .filter(holds)
    .map(({ reach }) => reach);
}

function toLatest(context: ResolveContext): ResolvedTarget {
  const { survey, now } = context;
  const timeline = context.timeline ?? survey.facts.living;
  const along = survey.reaches.filter((reach) => reach.timeline === timeline);
  const end = along.reduce<bigint>((latest, { to }) => (to.lsn > latest ? to.lsn : latest), 0n);
  const reach = best(
    along.filter(({ to }) => to.lsn === end),
    timeline,
    survey.facts.living,
  );
  if (reach !== undefined) return atEnd(reach, context);
  const why =
    whyNoTarget(timeline, survey.facts) ??
    (survey.reaches.length === 0 ? { kind: "nothing" as const } : { kind: "before the first backup" as const });
  throw outOfWindow(`the newest commit of timeline ${timeline}`, why, nearestTo(now, survey));
}
