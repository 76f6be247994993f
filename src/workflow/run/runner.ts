import { Problem } from "../../domain/errors/problem.ts";
import type { JournalEntry } from "../../domain/plan/journal.ts";
import type { Plan } from "../../domain/plan/plan.ts";
import type { Clock } from "../../ports/clock.ts";
import type { ClusterObjects } from "../../ports/cluster-objects.ts";
import type { Progress } from "../../ports/progress.ts";
import type { RunStore } from "../../ports/run-store.ts";
import { JournalKeeper } from "./journal-keeper.ts";
import { planDigest } from "./plan-of.ts";
import type { ErasedStep, StepContext, Workflow } from "./step.ts";
import { type Stop, stoppedProblem, withReason } from "./stopped.ts";
import { takeBack } from "./take-back.ts";

/** What the runner needs to run any workflow. */
export interface RunnerPorts {
  readonly objects: ClusterObjects;
  readonly clock: Clock;
  readonly progress: Progress;
  readonly run: RunStore;
}

/** A run as it ended, told while the Lease is still held. */
export interface Ending {
  readonly outcome: "succeeded" | "failed" | "cancelled" | "rolled-back";
  /** When the work on the plan began, also over interruptions; RFC 3339. */
  readonly startedAt: string;
  /** Where and with what it failed. */
  readonly failure?: { readonly action: string; readonly code: string };
  /** The actions as the journal has them. */
  readonly entries: readonly JournalEntry[];
}

/** How a run is to be done. */
export interface RunOptions {
  readonly signal: AbortSignal;
  /** What becomes of a failed run: `keep` leaves what was done for the next run; `undo` takes it back step by step, the last first. */
  readonly onFailure: (failure: { readonly action: string; readonly problem: unknown }) => "keep" | "undo";
  /** Called once the Lease is held and before anything is changed. Throws when the plan does not fit what is there any more. */
  readonly stillAsPlanned: (signal: AbortSignal) => Promise<void>;
  /** Called at the end, before the Lease is given back and, of a good end, before the journal is closed: a run that is cut off here comes here again. */
  readonly ended: (ending: Ending, signal: AbortSignal) => Promise<void>;
  /** Delete the journal in the cluster at a good end: nothing of the release is to be left. */
  readonly leaveNothing: boolean;
}

/** How one run ended. */
export interface RunOutcome {
  readonly entries: readonly JournalEntry[];
  /** Actions that an earlier run had done. */
  readonly resumed: number;
}

/** Milliseconds that taking back, and writing down how a run ended, get of their own once the run itself was stopped. */
const within = { undo: 900_000, lastWords: 5_000 } as const;

/**
 * Runs the plan action by action, with the journal written before and after each. It knows nothing of what the actions do.
 * The plan must have been made by planOf from the same workflow and start.
 * @throws Problem of the action that failed, with the state of the run; the abort's reason when cancelled (the same plan resumes)
 */
export async function runPlan<Start extends object>(
  ports: RunnerPorts,
  workflow: Workflow<Start>,
  start: Start,
  plan: Plan,
  options: RunOptions,
): Promise<RunOutcome> {
  return await new Run(ports, workflow, start, plan, options).execute();
}

class Run<Start extends object> {
  private readonly ports: RunnerPorts;
  private readonly workflow: Workflow<Start>;
  private readonly start: Start;
  private readonly plan: Plan;
  private readonly options: RunOptions;
  private readonly journal: JournalKeeper;
  private readonly aborter = new AbortController();
  private readonly closers: (() => Promise<void>)[] = [];
  private readonly signal: AbortSignal;
  private state: object;
  private opened = false;

  constructor(ports: RunnerPorts, workflow: Workflow<Start>, start: Start, plan: Plan, options: RunOptions) {
    this.ports = ports;
    this.workflow = workflow;
    this.start = start;
    this.plan = plan;
    this.options = options;
    this.state = start;
    this.signal = AbortSignal.any([options.signal, this.aborter.signal]);
    const warn = (text: string) => ports.progress.tell({ kind: "note", text });
    this.journal = new JournalKeeper({ objects: ports.objects, run: ports.run, warn }, plan, planDigest(plan), this.now());
  }

  async execute(): Promise<RunOutcome> {
    // Before anything is touched, a run directory that cannot be written is an error; later it is only told.
    await this.ports.run.write("plan.json", `${JSON.stringify(this.plan, undefined, 2)}\n`);
    this.ports.progress.tell({ kind: "planned", actions: this.plan.actions.map(({ id, title }) => ({ id, title })) });
    try {
      for (const step of this.workflow.preparation) await this.perform(step);
      const resumed = await this.between("Open the journal", this.workflow.steps[0], () => this.open());
      if (this.journal.direction === "back") throw await this.backAgain();
      for (const step of this.workflow.steps) await this.perform(step);
      await this.between("Close the journal", this.workflow.steps.at(-1), () => this.close());
      return { entries: this.journal.entries, resumed };
    } finally {
      for (const close of this.closers.reverse()) await close();
    }
  }

  private async open(): Promise<number> {
    await this.options.stillAsPlanned(this.signal);
    const resumed = await this.journal.open(this.workflow, this.signal);
    this.opened = true;
    return resumed;
  }

  private async close(): Promise<void> {
    await this.options.ended({ outcome: "succeeded", startedAt: this.journal.startedAt, entries: this.journal.entries }, this.signal);
    await (this.options.leaveNothing ? this.journal.leaveCluster(this.signal) : this.journal.finish(this.signal));
  }

  /** Work between two actions; `next` is the action that a run goes on from when it fails. */
  private async between<T>(title: string, next: ErasedStep<Start> | undefined, work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      const problem = this.signal.aborted ? withReason(this.signal.reason, error) : error;
      throw stoppedProblem(problem, this.stop({ id: next?.id ?? "journal", title }, false));
    }
  }

  private async perform(step: ErasedStep<Start>): Promise<void> {
    this.signal.throwIfAborted();
    const unneeded = step.unneeded?.(this.start);
    if (unneeded !== undefined) {
      this.state = { ...this.state, ...unneeded };
      return;
    }
    try {
      const give = (await this.soAlready(step)) ?? (await this.ran(step));
      this.state = { ...this.state, ...give };
    } catch (error) {
      throw this.signal.aborted ? await this.stopped(step, error) : await this.failed(step, error);
    }
  }

  /** What the cluster shows to be so already or, of a step that cannot tell, what an earlier run of the same plan has journalled as done. */
  private async soAlready(step: ErasedStep<Start>): Promise<object | undefined> {
    const entry = this.journal.entry(step.id);
    const earlier = entry?.state === "done" ? step.gives.safeParse(entry.output) : undefined;
    if (step.alreadySo === undefined) {
      if (earlier?.success !== true || step.onResume === "again") return undefined;
      this.skipped(step, `done by an earlier run at ${entry?.at}`);
      return earlier.data;
    }
    const give = await step.alreadySo(this.state, this.context(step.id));
    if (give === undefined) return undefined;
    const output = step.gives.parse(give);
    if (entry?.state === "done") this.skipped(step, `done by an earlier run at ${entry.at}`);
    else {
      // What a run that was cut off had begun is its work, and undoing takes it back; anything else was there before.
      const how = entry?.state === "running" ? "ran" : "found";
      await this.journal.mark({ id: step.id, state: "done", at: this.now(), how, output }, this.signal);
      this.skipped(step, "already so");
    }
    return output;
  }

  private async ran(step: ErasedStep<Start>): Promise<object> {
    const context = this.context(step.id);
    const before = await this.writtenAhead(step, context);
    await this.journal.mark(
      { id: step.id, state: "running", at: this.now(), how: "ran", ...(before === undefined ? {} : { before }) },
      this.signal,
    );
    this.ports.progress.tell({ kind: "started", id: step.id, title: step.title });
    const output = step.gives.parse(await step.run(this.state, context, before));
    await this.journal.mark({ id: step.id, state: "done", at: this.now(), output }, this.signal);
    this.ports.progress.tell({ kind: "done", id: step.id });
    return output;
  }

  /** How things were before the action was begun for the first time. */
  private async writtenAhead(step: ErasedStep<Start>, context: StepContext): Promise<unknown> {
    if (step.before === undefined) return undefined;
    const written = context.interrupted ? step.before.schema.safeParse(this.journal.entry(step.id)?.before) : undefined;
    return written?.success === true ? written.data : step.before.schema.parse(await step.before.gather(this.state, context));
  }

  /** Cancelled or ousted: the entry stays `running`, and the next run takes it up again. */
  private async stopped(step: ErasedStep<Start>, error: unknown): Promise<unknown> {
    const problem = withReason(this.signal.reason, error);
    if (!this.aborter.signal.aborted) {
      const failure = { action: step.id, code: codeOf(problem) };
      await this.attempt("writing the record", () =>
        this.tellEnd({ outcome: "cancelled", failure }, AbortSignal.timeout(within.lastWords)),
      );
    }
    return stoppedProblem(problem, this.stop(step, false));
  }

  private async failed(step: ErasedStep<Start>, error: unknown): Promise<unknown> {
    const failure = { action: step.id, code: codeOf(error) };
    const what = messageOf(error);
    this.ports.progress.tell({ kind: "failed", id: step.id, what });
    if (failure.code === "JOURNAL_CONFLICT") return stoppedProblem(error, this.stop(step, false));
    const mark = () =>
      this.journal.mark({ id: step.id, state: "failed", at: this.now(), error: { code: failure.code, what } }, this.signal);
    await this.attempt("writing the journal", mark);
    const undone = this.opened && this.options.onFailure({ action: step.id, problem: error }) === "undo" && (await this.takeBack());
    await this.attempt("writing the record", () => this.tellEnd({ outcome: undone ? "rolled-back" : "failed", failure }, this.signal));
    return stoppedProblem(error, this.stop(step, undone));
  }

  /** An earlier run was cut off while it took its work back: that comes first, and a new attempt is the next run's. */
  private async backAgain(): Promise<unknown> {
    const entry = this.journal.entries.find(({ error }) => error !== undefined);
    const step = this.workflow.steps.find(({ id }) => id === entry?.id) ?? { id: "?", title: "An earlier action" };
    const { code, what } = entry?.error ?? { code: "RUN_UNDONE", what: "it failed" };
    const undone = await this.takeBack();
    await this.attempt("writing the record", () =>
      this.tellEnd({ outcome: undone ? "rolled-back" : "failed", failure: { action: step.id, code } }, this.signal),
    );
    return stoppedProblem(new Problem("RUN_UNDONE", { what: `${what} (${code}, in an earlier run)` }), this.stop(step, undone));
  }

  private async takeBack(): Promise<boolean> {
    const { workflow, start, journal } = this;
    const signal = AbortSignal.any([this.aborter.signal, AbortSignal.timeout(within.undo)]);
    return await takeBack(
      {
        workflow,
        start,
        journal,
        context: (id) => ({ ...this.context(id), signal }),
        attempt: (doing, work) => this.attempt(doing, work),
        now: () => this.now(),
      },
      signal,
    );
  }

  private stop(step: Stop["step"], undone: boolean): Stop {
    return { step, plan: this.plan, entries: this.journal.entries, run: this.ports.run, undone };
  }

  /** Nothing has been done that a record could tell of before the Lease was held and the journal opened. */
  private async tellEnd(ending: Omit<Ending, "startedAt" | "entries">, signal: AbortSignal): Promise<void> {
    if (this.opened) await this.options.ended({ ...ending, startedAt: this.journal.startedAt, entries: this.journal.entries }, signal);
  }

  /** Does what must not hide the failure that led to it; what goes wrong is told. */
  private async attempt(doing: string, work: () => Promise<unknown>): Promise<boolean> {
    try {
      await work();
      return true;
    } catch (error) {
      this.ports.progress.tell({ kind: "note", text: `${doing} failed as well: ${messageOf(error)}` });
      return false;
    }
  }

  private skipped({ id, title }: ErasedStep<Start>, reason: string): void {
    this.ports.progress.tell({ kind: "skipped", id, title, reason });
  }

  private context(id: string): StepContext {
    const { progress, clock, run } = this.ports;
    return {
      signal: this.signal,
      clock,
      run,
      interrupted: this.journal.interrupted.has(id),
      advance: (advance) => progress.tell({ kind: "advanced", id, advance }),
      view: (lines) => progress.tell({ kind: "view", id, lines }),
      note: (text) => progress.tell({ kind: "note", text }),
      abort: (reason) => this.aborter.abort(reason),
      onEnd: (close) => this.closers.push(close),
    };
  }

  private now(): string {
    return this.ports.clock.now().toISOString();
  }
}

function codeOf(error: unknown): string {
  return error instanceof Problem ? error.code : "BUG";
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
