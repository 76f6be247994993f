import { Problem } from "../../../src/domain/errors/problem.ts";
import { type Lsn, parseLsn } from "../../../src/domain/recovery/lsn.ts";
import type { RecoveryFacts } from "../../../src/domain/recovery/reach.ts";
import { resolveTarget } from "../../../src/domain/recovery/resolve.ts";
import type { ResolveContext, ResolvedTarget } from "../../../src/domain/recovery/resolved.ts";
import type { RecoveryTarget } from "../../../src/domain/recovery/target.ts";
import { surveyRecovery } from "../../../src/domain/recovery/windows.ts";
import { factsWithout, now, repository, time } from "./four-timelines.ts";

export const full = "20261125-071313F";
export const lsn = (text: string): Lsn => {
  const found = parseLsn(text);
  if (found === undefined) throw new Error(`${text} is no LSN`);
  return found;
};
export const at = (clock: string): RecoveryTarget => ({ kind: "time", at: time(`2026-11-25T${clock}Z`) });

function contextOf(facts: RecoveryFacts = factsWithout(), more: Partial<ResolveContext> = {}): ResolveContext {
  return { survey: surveyRecovery(facts), repository, restorePoints: [], now, ...more };
}

export function resolve(target: RecoveryTarget, facts?: RecoveryFacts, more?: Partial<ResolveContext>): ResolvedTarget {
  return resolveTarget(target, contextOf(facts, more));
}

export function refused(target: RecoveryTarget, facts?: RecoveryFacts, more?: Partial<ResolveContext>): Problem {
  try {
    resolve(target, facts, more);
  } catch (error) {
    if (error instanceof Problem) return error;
    throw error;
  }
  throw new Error("nothing was refused");
}
