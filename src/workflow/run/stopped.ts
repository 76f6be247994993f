import { Problem } from "../../domain/errors/problem.ts";
import type { JournalEntry } from "../../domain/plan/journal.ts";
import type { Plan } from "../../domain/plan/plan.ts";
import type { RunStore } from "../../ports/run-store.ts";

/** Where a run stopped. */
export interface Stop {
  readonly step: { readonly id: string; readonly title: string };
  readonly plan: Plan;
  readonly entries: readonly JournalEntry[];
  readonly run: RunStore;
  /** True when everything that was done has been taken back. */
  readonly undone: boolean;
}

/**
 * The error of an action that was stopped from outside. What the action itself had to say (the root cause of what it waited for) is kept
 * beside the reason it was stopped for.
 */
export function withReason(reason: unknown, error: unknown): unknown {
  if (!(reason instanceof Problem) || !(error instanceof Problem) || error === reason || error.code === reason.code) return reason;
  return new Problem(reason.code, {
    what: `${reason.message}; ${error.message}`,
    why: error.why,
    fix: error.fix,
    cause: error,
    ...(error.data && { data: error.data }),
  });
}

/**
 * The error a person reads when an action failed: what failed, what exists now, and how to go on.
 * Keeps the code of the cause, unless that one promises that nothing was touched; what is no Problem is a bug and stays one.
 */
export function stoppedProblem(error: unknown, stop: Stop): unknown {
  if (!(error instanceof Problem)) return error;
  const done = stop.entries.filter(({ state }) => state === "done").map(({ id }) => id);
  const touched = stop.plan.actions.filter(({ id }) => done.includes(id)).flatMap(({ touches }) => shortened(touches));
  const data = {
    ...error.data,
    run: { id: stop.run.id, path: stop.run.path, workflow: stop.plan.workflow, failed: stop.step.id, done, undone: stop.undone },
  };
  const what = `${stop.step.title}: ${error.message}`;
  if (stop.undone) return new Problem("RUN_UNDONE", { what, why: error.why, fix: error.fix, cause: error, data });
  const promisesNothingTouched = error.exit === "usage" || error.exit === "preflight" || error.exit === "rolledBack";
  const begun = stop.entries
    .filter(({ state }) => state === "running" || (state === "failed" && !promisesNothingTouched))
    .map(({ id }) => id);
  const half = stop.plan.actions.filter(({ id }) => begun.includes(id)).flatMap(({ touches }) => shortened(touches));
  const state = [
    ...(touched.length === 0 ? [] : [`What is there now: ${touched.join(", ")}.`]),
    ...(half.length === 0 ? [] : [`Begun, and perhaps done in part: ${half.join(", ")}.`]),
    ...(touched.length + half.length === 0 ? ["Nothing was changed."] : []),
  ].join(" ");
  const detail = {
    what,
    why: `${sentence(error.why)} ${state}`,
    fix: `${error.exit === "cancelled" ? "Run" : `${sentence(error.fix)} Then run`} the same command again: it goes on from "${stop.step.id}". Log: ${stop.run.path}`,
    cause: error,
    data,
  };
  return new Problem(promisesNothingTouched && touched.length + half.length > 0 ? "RUN_INCOMPLETE" : error.code, detail);
}

/** Touched objects of one action to show before the rest are counted. */
const shown = 3;

function shortened(touches: readonly string[]): readonly string[] {
  const more = touches.length - shown;
  return more > 1 ? [...touches.slice(0, shown), `${more} more`] : touches;
}

function sentence(text: string): string {
  return /[.!?]$/.test(text) ? text : `${text}.`;
}
