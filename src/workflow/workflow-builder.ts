import type { z } from "zod";
import type { PlannedAction, WorkflowName } from "../domain/plan/plan.ts";
import type { Clock } from "../ports/clock.ts";
import type { Advance } from "../ports/progress.ts";
import type { RunStore } from "../ports/run-store.ts";

/** What a running action may use besides its own ports. */
export interface StepContext {
  /** Aborts on Ctrl-C, when the time is over and when the Lease is lost; its reason says which. */
  readonly signal: AbortSignal;
  readonly clock: Clock;
  readonly run: RunStore;
  /** sha256 by which the journal and the record know the plan. */
  readonly planDigest: string;
  /** True when an earlier run, of this or another plan, was cut off in this action or failed in it. */
  readonly interrupted: boolean;
  /** Tells how far the action is. */
  advance(advance: Advance): void;
  /** Replaces the lines that the action shows. */
  view(lines: readonly string[]): void;
  /** Tells something worth keeping. */
  note(text: string): void;
  /** Ends the whole run as soon as possible: its signal aborts with the reason. */
  abort(reason: unknown): void;
  /** Called once when the run ends, however it ends; the last registered goes first. */
  onEnd(close: () => Promise<void>): void;
  /** Deletes the journal in the cluster; from here on only the run directory has it. For the last action of a workflow that leaves nothing behind. */
  leaveCluster(): Promise<void>;
}

/** What a step says of itself before the first write; becomes a line of the plan. */
type StepDescription = Omit<PlannedAction, "id" | "title">;

/**
 * One action: `Start` is what is known before the first write, `Need` what earlier steps must have given, `Give` what it adds.
 * A run may be cut off anywhere, so `run` must be repeatable.
 */
export interface Step<Start, Need, Give extends object> {
  /** Stable, unique in the workflow, kebab-case; the journal's key. */
  readonly id: string;
  readonly title: string;
  readonly describe: (start: Start) => StepDescription;
  /** Present when the plan does not need the step: what it then gives. The step is not in the plan. */
  readonly unneeded?: (start: Start) => Give | undefined;
  /** Judges what the journal holds of an earlier run; what it gives is stored there and is never secret. */
  readonly gives: z.ZodType<Give>;
  readonly run: (state: Need, context: StepContext) => Promise<Give>;
  /** What the step would give if all of it is so already; undefined when it has to run. Reads only. */
  readonly done?: (state: Need, context: StepContext) => Promise<Give | undefined>;
  /** Takes back what run did, also when it failed halfway (`given` is then undefined); absent when there is nothing to take back or it must stay. */
  readonly undo?: (state: Need, given: Give | undefined, context: StepContext) => Promise<void>;
}

/** A step whose types the builder has checked; the runner hands it the state that was accumulated before it. */
export type ErasedStep<Start> = Step<Start, object, object>;

/** An ordered list of steps that fit together. */
export interface Workflow<Start> {
  readonly name: WorkflowName;
  /** Run at every start, before the journal is opened: what the journal itself stands on (namespace, Lease). */
  readonly preparation: readonly ErasedStep<Start>[];
  readonly steps: readonly ErasedStep<Start>[];
}

/** Puts steps in order; a step placed before what it needs does not compile. */
export class WorkflowBuilder<Start extends object, State> implements Workflow<Start> {
  readonly name: WorkflowName;
  readonly preparation: readonly ErasedStep<Start>[];
  readonly steps: readonly ErasedStep<Start>[];

  constructor(name: WorkflowName, preparation: readonly ErasedStep<Start>[], steps: readonly ErasedStep<Start>[]) {
    this.name = name;
    this.preparation = preparation;
    this.steps = steps;
  }

  /** Adds a step that runs at every start, before the journal is opened. */
  prepare<Give extends object>(step: Step<Start, State, Give>): WorkflowBuilder<Start, State & Give> {
    return new WorkflowBuilder(this.name, [...this.preparation, erase(step)], this.steps);
  }

  /** Adds a journalled step. */
  step<Give extends object>(step: Step<Start, State, Give>): WorkflowBuilder<Start, State & Give> {
    return new WorkflowBuilder(this.name, this.preparation, [...this.steps, erase(step)]);
  }
}

/** An empty workflow whose first step may need what `Start` holds. */
export function workflow<Start extends object>(name: WorkflowName): WorkflowBuilder<Start, Start> {
  return new WorkflowBuilder<Start, Start>(name, [], []);
}

/** Forgets the state's type, which the builder's signature has proved: the runner passes on what the steps before gave. */
function erase<Start, State, Give extends object>(step: Step<Start, State, Give>): ErasedStep<Start> {
  return step as unknown as ErasedStep<Start>;
}
