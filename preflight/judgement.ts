import type { Unread } from "../src/domain/reading.ts";
import type { Judgement } from "./check.ts";

/** As it should be. */
export function pass(seen: string, wanted: string): Judgement {
  return { verdict: "pass", seen, wanted };
}

/** Works, but somebody should know. */
export function warn(seen: string, wanted: string, fix: string): Judgement {
  return { verdict: "warn", seen, wanted, fix };
}

/** The installation would not work. */
export function fail(seen: string, wanted: string, fix: string): Judgement {
  return { verdict: "fail", seen, wanted, fix };
}

/** Nothing is known, for a reason of ours. */
export function unknown(seen: string, wanted: string, fix: string): Judgement {
  return { verdict: "unknown", seen, wanted, fix };
}

/** Nothing is known because the cluster did not tell: names the right that is missing, or what did not answer. */
export function unread(reading: Unread, wanted: string): Judgement {
  if (reading.kind === "unavailable")
    return unknown(`could not be read: ${reading.message}`, wanted, "See why it does not answer, then run preflight again.");
  const fix = `Ask the cluster's owner for the right to ${reading.verb} ${reading.resource}, or whether this is so.`;
  return unknown(`no right to ${reading.verb} ${reading.resource}`, wanted, fix);
}

/** `1 node`, `2 nodes`. */
export function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? "" : "s"}`;
}

/** The first few of a list, and how many more there are. */
export function some(items: readonly string[], most = 5): string {
  return items.length <= most ? items.join(", ") : `${items.slice(0, most).join(", ")} and ${items.length - most} more`;
}
