import { type Judgement, unknown } from "../src/domain/judgement.ts";
import type { Unread } from "../src/domain/reading.ts";

export { fail, pass, some, unknown, warn } from "../src/domain/judgement.ts";

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
