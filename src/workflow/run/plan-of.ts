import { createHash } from "node:crypto";
import { type Plan, type PlannedAction, type PlanSubject, planIdentity } from "../../domain/plan/plan.ts";
import type { ErasedStep, Workflow } from "./step.ts";

/** sha256 of a text, in hex. */
export const sha256 = (text: string): string => createHash("sha256").update(text).digest("hex");

/** The plan of a workflow: what each needed step says of itself, in order. Pure. */
export function planOf<Start>(workflow: Workflow<Start>, start: Start, subject: PlanSubject): Plan {
  const needed = [...workflow.preparation, ...workflow.steps].filter((step) => step.unneeded?.(start) === undefined);
  return {
    apiVersion: "migratectl/v1",
    kind: "Plan",
    workflow: workflow.name,
    ...subject,
    actions: needed.map((step) => action(step, start)),
  };
}

/** sha256 by which the journal knows its plan. */
export function planDigest(plan: Plan): string {
  return sha256(planIdentity(plan));
}

function action<Start>(step: ErasedStep<Start>, start: Start): PlannedAction {
  return { id: step.id, title: step.title, ...step.describe(start) };
}
