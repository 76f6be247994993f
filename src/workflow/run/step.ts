import type { z } from "zod";
import type { PlannedAction, WorkflowName } from "../../domain/plan/plan.ts";
import type { Clock } from "../../ports/clock.ts";
import type { Advance } from "../../ports/progress.ts";
import type { RunStore } from "../../ports/run-store.ts";

/** What a step that only looks may use besides its own ports. */
export interface LookContext {
  /** Aborts on Ctrl-C, when the time is over and when the Lease is lost; its reason says which. */
  readonly signal: AbortSignal;
  readonly clock: Clock;
  /** Tells something worth keeping. */
  note(text: string): void;
}

/** What a running action may use besides its own ports. */
export interface StepContext extends LookContext {
  readonly run: RunStore;
  /** True when an earlier run, of this or another plan, was cut off in this action: nobody has seen how that ended. */
  readonly interrupted: boolean;
  /** Tells how far the action is. */
  advance(advance: Advance): void;
  /** Replaces the lines that the action shows. */
  view(lines: readonly string[]): void;
  /** Ends the whole run as soon as possible: its signal aborts with the reason. */
  abort(reason: unknown): void;
  /** Called once when the run ends, however it ends; the last registered goes first. */
  onEnd(close: () => Promise<void>): void;
}

/** What a step says of itself before the first write; becomes a line of the plan. */
type StepDescription = Omit<PlannedAction, "id" | "title">;

/** What an action writes into the journal before it begins, so that whoever goes on or takes it back knows how things were. Never secret. */
interface WriteAhead<Need, Before> {
  readonly schema: z.ZodType<Before>;
  /** Reads only. Asked once: a run that goes on after an interruption gets what the first one wrote down. */
  readonly gather: (state: Need, context: LookContext) => Promise<Before>;
}

/** What is known of an action that is to be taken back. */
interface Done<Give, Before> {
  readonly before: Before | undefined;
  /** Undefined when the action failed or was cut off halfway. */
  readonly given: Give | undefined;
}

/**
 * One action: `Start` is what is known before the first write, `Need` what earlier steps must have given, `Give` what it adds,
 * `Before` what it writes down ahead. A run may be cut off anywhere, so `run` and `undo` must be repeatable.
 */
export interface Step<Start, Need, Give extends object, Before = undefined> {
  /** Stable, unique in the workflow, kebab-case; the journal's key. */
  readonly id: string;
  readonly title: string;
  readonly describe: (start: Start) => StepDescription;
  /** Present when the plan does not need the step: what it then gives. The step is not in the plan. */
  readonly unneeded?: (start: Start) => Give | undefined;
  /** Judges what the journal holds of an earlier run; what it gives is stored there and is never secret. */
  readonly gives: z.ZodType<Give>;
  readonly before?: WriteAhead<Need, Before>;
  readonly run: (state: Need, context: StepContext, before: Before) => Promise<Give>;
  /**
   * What the step would give if all of it is so already; undefined when it has to run. Reads only. Where a step has it, the cluster is
   * asked instead of believing the journal, which cannot know what somebody deleted since.
   */
  readonly alreadySo?: (state: Need, context: LookContext) => Promise<Give | undefined>;
  /** `again`: what an earlier run did is no reason not to do it once more, because it only looks, or costs nothing where nothing has changed. */
  readonly onResume?: "again";
  /** Takes back what run did, also when it failed halfway; absent when there is nothing to take back or it must stay. */
  readonly undo?: (state: Need, done: Done<Give, Before>, context: StepContext) => Promise<void>;
}

/** A step whose types the builder has checked; the runner hands it the state that was accumulated before it. */
export type ErasedStep<Start> = Step<Start, object, object, unknown>;

/** An ordered list of steps that fit together. */
export interface Workflow<Start> {
  readonly name: WorkflowName;
  /** Workflows that this one may put an end to when they were interrupted: uninstalling is a way out of a failed installation. */
  readonly abandons: readonly WorkflowName[];
  /** Run at every start, before the journal is opened: what the journal itself stands on (namespace, Lease). */
  readonly preparation: readonly ErasedStep<Start>[];
  readonly steps: readonly ErasedStep<Start>[];
}

/** Puts steps in order; a step placed before what it needs does not compile. */
export class WorkflowBuilder<Start extends object, State> implements Workflow<Start> {
  readonly name: WorkflowName;
  readonly abandons: readonly WorkflowName[];
  readonly preparation: readonly ErasedStep<Start>[];
  readonly steps: readonly ErasedStep<Start>[];

  constructor({ name, abandons, preparation, steps }: Workflow<Start>) {
    this.name = name;
    this.abandons = abandons;
    this.preparation = preparation;
    this.steps = steps;
  }

  /** Adds a step that runs at every start, before the journal is opened. */
  prepare<Give extends object>(step: Step<Start, State, Give>): WorkflowBuilder<Start, State & Give> {
    return new WorkflowBuilder<Start, State & Give>({ ...this, preparation: [...this.preparation, erase(step)] });
  }

  /** Adds a journalled step. */
  step<Give extends object, Before = undefined>(step: Step<Start, State, Give, Before>): WorkflowBuilder<Start, State & Give> {
    return new WorkflowBuilder<Start, State & Give>({ ...this, steps: [...this.steps, erase(step)] });
  }
}

/** An empty workflow whose first step may need what `Start` holds. */
export function workflow<Start extends object>(name: WorkflowName, abandons: readonly WorkflowName[] = []): WorkflowBuilder<Start, Start> {
  return new WorkflowBuilder<Start, Start>({ name, abandons, preparation: [], steps: [] });
}

/** Forgets the state's type, which the builder's signature has proved: the runner passes on what the steps before gave. */
function erase<Start, State, Give extends object, Before>(step: Step<Start, State, Give, Before>): ErasedStep<Start> {
  return step as unknown as ErasedStep<Start>;
}
