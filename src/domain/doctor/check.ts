import { type Judgement, unknown } from "../judgement.ts";
import type { Unread } from "../reading.ts";
import type { DoctorFacts } from "./facts.ts";

/** One check of an installed release: data about it, and a pure judgement of what was read. */
export interface DoctorCheck {
  /** Kebab-case, stable: what reports and monitoring know it by. */
  readonly id: string;
  readonly title: string;
  /** Why it matters: what goes wrong next when it fails. */
  readonly why: string;
  /** Judges; an empty answer means that this release has nothing of the kind. */
  assess(facts: DoctorFacts): readonly Judgement[];
}

/** Nothing is known because it could not be read: names the right that is missing, or what gave no answer. */
export function unread(reading: Unread, wanted: string): Judgement {
  if (reading.kind === "unavailable")
    return unknown(`could not be read: ${reading.message}`, wanted, "See why it does not answer, then run: migratectl doctor");
  return unknown(
    `no right to ${reading.verb} ${reading.resource}`,
    wanted,
    `Ask the cluster's owner for the right to ${reading.verb} ${reading.resource}, or whether this is so.`,
  );
}
