import { assertNever } from "../assert-never.ts";
import { Problem } from "../errors/problem.ts";
import type { Hole } from "./archive.ts";
import { formatInstant, type Instant } from "./instant.ts";
import { formatLsn, type Lsn } from "./lsn.ts";
import type { Point, Reach } from "./reach.ts";
import type { RecoverySurvey, Window } from "./windows.ts";

/** Why a target cannot be reached. */
export type Unreachable =
  /** There is no window at all. */
  | { readonly kind: "nothing" }
  | { readonly kind: "future" }
  /** No backup that leads to it was consistent yet. */
  | { readonly kind: "before the first backup" }
  /** No later commit of that timeline is in the archive. */
  | { readonly kind: "after the last archived WAL"; readonly timeline: number }
  | { readonly kind: "hole"; readonly hole: Hole }
  /** One primary had stopped and the next had not yet committed. */
  | { readonly kind: "between two timelines"; readonly before: number; readonly after: number }
  /** Its history file is missing or unreadable: Postgres refuses it as a target. */
  | { readonly kind: "history missing"; readonly timeline: number }
  | { readonly kind: "timeline unknown"; readonly timeline: number; readonly known: readonly number[] }
  | { readonly kind: "restore point unknown"; readonly known: readonly string[] }
  /** Not on the history that was asked for, but on that of these timelines. */
  | { readonly kind: "other timeline"; readonly timelines: readonly number[] };

/** A place that can be reached: by its time, or, where a backup is named, as the end of that. */
interface Reachable extends Point {
  readonly backup?: string;
}

/** The reachable places next to one that is not. */
export interface Nearest {
  readonly before?: Reachable;
  readonly after?: Reachable;
}

/** The reachable moments next to an unreachable one; of one target timeline where one was asked for. */
export function nearestTo(at: Instant, survey: RecoverySurvey, timeline?: number): Nearest {
  const spans =
    timeline === undefined ? survey.windows.map(endsOfWindow) : survey.reaches.filter((one) => one.timeline === timeline).map(endsOfReach);
  return nearest(spans, at, (one) => one.at);
}

/** The reachable places next to an unreachable LSN, among restores along one timeline. */
export function nearestToLsn(lsn: Lsn, along: readonly Reach[]): Nearest {
  return nearest(along.map(endsOfReach), lsn, (one) => one.lsn);
}

interface Ends {
  readonly from: Reachable;
  readonly to: Reachable;
}

function endsOfWindow({ from, to, backupOnly }: Window): Ends {
  const backup = backupOnly ? { backup: from.set } : {};
  return { from: { ...from, ...backup }, to: { ...to, ...backup } };
}

function endsOfReach({ from, to, replays, set }: Reach): Ends {
  const backup = replays ? {} : { backup: set.label };
  return { from: { ...from, ...backup }, to: { ...to, ...backup } };
}

/** A backup's end is no answer to its own time, so that it counts as next to it. */
function nearest(spans: readonly Ends[], place: bigint, by: (point: Point) => bigint): Nearest {
  const last = spans
    .map(({ to }) => to)
    .filter((to) => by(to) < place || (to.backup !== undefined && by(to) === place))
    .toSorted((a, b) => Number(by(b) - by(a)))[0];
  const first = spans
    .map(({ from }) => from)
    .filter((from) => by(from) > place)
    .toSorted((a, b) => Number(by(a) - by(b)))[0];
  return { ...(last === undefined ? {} : { before: last }), ...(first === undefined ? {} : { after: first }) };
}

/** The refusal of a target, with the nearest reachable moments in its text and in its data. */
export function outOfWindow(target: string, why: Unreachable, { before, after }: Nearest): Problem {
  const near = [
    ...(before === undefined ? [] : [`the last before it is ${inWords(before)}`]),
    ...(after === undefined ? [] : [`the first after it is ${inWords(after)}`]),
  ];
  return new Problem("RECOVERY_OUT_OF_WINDOW", {
    what: `The database cannot be recovered to ${target}: ${because(why)}.${near.length === 0 ? "" : ` Of what can be reached, ${near.join(" and ")}.`}`,
    fix: fixOf(why, { before, after }),
    data: {
      target,
      reason: why.kind,
      ...("hole" in why ? { hole: { ...why.hole } } : {}),
      ...("timeline" in why ? { timeline: why.timeline } : {}),
      before: dataOf(before),
      after: dataOf(after),
    },
  });
}

/** Which segments a hole is, in words: `segment 00…0F of timeline 3 is missing`. */
export function holeInWords({ timeline, firstName, lastName, first, last, kind }: Hole): string {
  const what = kind === "missing" ? "missing from the archive" : "in the archive more than once";
  return first === last
    ? `WAL segment ${firstName} of timeline ${timeline} is ${what}`
    : `${last - first + 1} WAL segments of timeline ${timeline}, ${firstName} to ${lastName}, are ${what}`;
}

function because(why: Unreachable): string {
  switch (why.kind) {
    case "nothing":
      return "no backup in the repository can be recovered from";
    case "future":
      return "it lies in the future";
    case "before the first backup":
      return "it lies before the first backup that leads there";
    case "after the last archived WAL":
      return `no commit after it on timeline ${why.timeline} is in the archive, so that a replay could not stop there`;
    case "hole":
      return holeInWords(why.hole);
    case "between two timelines":
      return `it lies after the last commit of timeline ${why.before} and before the first of timeline ${why.after}: nothing was written then`;
    case "history missing":
      return `the history file of timeline ${why.timeline} is not in the archive, and Postgres refuses to recover to a timeline without one`;
    case "timeline unknown":
      return `the archive holds nothing of timeline ${why.timeline}; it has ${why.known.length === 0 ? "none" : why.known.join(", ")}`;
    case "restore point unknown":
      return `the archive holds no restore point of that name; it has ${why.known.length === 0 ? "none" : why.known.join(", ")}`;
    case "other timeline":
      return `it is not on the history that was asked for, but on that of timeline ${why.timelines.join(", ")}`;
    default:
      return assertNever(why);
  }
}

function fixOf(
  why: Unreachable,
  { before, after }: { readonly before: Reachable | undefined; readonly after: Reachable | undefined },
): string {
  if (why.kind === "other timeline") return `Give the timeline: ${why.timelines.map((one) => `--timeline ${one}`).join(" or ")}.`;
  const choices = [before, after].flatMap((one) =>
    one === undefined ? [] : [one.backup === undefined ? `--to-time ${formatInstant(one.at)}` : `--to-backup ${one.backup}`],
  );
  if (choices.length === 0) return "Make a full backup now, so that there is something to recover from next time.";
  const later =
    why.kind === "after the last archived WAL" ? " It is archived within minutes, and a restore without --dry-run archives it first." : "";
  return `Choose ${choices.join(" or ")}.${later}`;
}

function inWords({ at, timeline, backup }: Reachable): string {
  return `${backup === undefined ? formatInstant(at) : `the end of backup ${backup}`} (timeline ${timeline})`;
}

function dataOf(one: Reachable | undefined): object | null {
  if (one === undefined) return null;
  const { at, lsn, timeline, backup } = one;
  return { at: formatInstant(at), lsn: formatLsn(lsn), timeline, ...(backup === undefined ? {} : { backup }) };
}
