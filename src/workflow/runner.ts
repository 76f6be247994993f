import { Problem } from "../domain/errors/problem.ts";
import { type JournalEntry, newJournal } from "../domain/plan/journal.ts";
import type { Plan } from "../domain/plan/plan.ts";
import type { Clock } from "../ports/clock.ts";
import type { ClusterObjects } from "../ports/cluster-objects.ts";
import type { Progress } from "../ports/progress.ts";
import type { RunStore } from "../ports/run-store.ts";
import { planDigest } from "./plan-of.ts";
import { type Stop, stoppedProblem } from "./runner-failure.ts";
import { JournalKeeper } from "./runner-journal.ts";
import type { ErasedStep, StepContext, Workflow } from "./workflow-builder.ts";

/** What the runner needs to run any workflow. */
export interface RunnerPorts {
  readonly objects: ClusterObjects;
  readonly clock: Clock;
  readonly progress: Progress;
  readonly run: RunStore;
}

/** How a run is to be done. */
export interface RunOptions {
  readonly signal: AbortSignal;
  /** `keep` leaves what was done for the next run; `undo` takes it back step by step, the last first. */
  readonly onFailure: "keep" | "undo";
  /** Called while the Lease is still held: after the failure was journalled and before the run ends. */
  readonly failed?: (
    failure: { readonly action: string; readonly problem: unknown; readonly undone: boolean },
    signal: AbortSignal,
  ) => Promise<void>;
}

/** How one run ended. */
export interface RunOutcome {
  readonly entries: readonly JournalEntry[];
  /** Actions that an earlier run had done. */
  readonly resumed: number;
}

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
  private readonly digest: string;
  private readonly journal: JournalKeeper;
  private readonly aborter = new AbortController();
  private readonly closers: (() => Promise<void>)[] = [];
  private readonly signal: AbortSignal;
  /** Each action that is done, with the state before it and what it gave: what its undo needs. */
  private readonly passed: { readonly step: ErasedStep<Start>; readonly state: object; readonly given: object | undefined }[] = [];
  private state: object;
  private resumed = 0;

  constructor(ports: RunnerPorts, workflow: Workflow<Start>, start: Start, plan: Plan, options: RunOptions) {
    this.ports = ports;
    this.workflow = workflow;
    this.start = start;
    this.plan = plan;
    this.options = options;
    this.state = start;
    this.signal = AbortSignal.any([options.signal, this.aborter.signal]);
    const ids = plan.actions.map(({ id }) => id);
    this.digest = planDigest(plan);
    const head = { run: ports.run.id, workflow: workflow.name, planDigest: this.digest };
    const warn = (text: string) => ports.progress.tell({ kind: "note", text });
    this.journal = new JournalKeeper(
      { objects: ports.objects, run: ports.run, warn },
      plan.release.namespace,
      newJournal(head, ids, this.now()),
    );
  }

  async execute(): Promise<RunOutcome> {
    // Before anything is touched, a run directory that cannot be written is an error; later it is only told.
    await this.ports.run.write("plan.json", `${JSON.stringify(this.plan, undefined, 2)}\n`);
    this.ports.progress.tell({ kind: "planned", actions: this.plan.actions.map(({ id, title }) => ({ id, title })) });
    try {
      for (const step of this.workflow.preparation) await this.perform(step);
      this.resumed = await this.journal.open(this.signal);
      for (const step of this.workflow.steps) await this.perform(step);
      await this.journal.finish(this.signal);
      return { entries: this.journal.entries, resumed: this.resumed };
    } finally {
      for (const close of this.closers.reverse()) await close();
    }
  }

  private async perform(step: ErasedStep<Start>): Promise<void> {
    this.signal.throwIfAborted();
    const unneeded = step.unneeded?.(this.start);
    if (unneeded !== undefined) {
      this.state = { ...this.state, ...unneeded };
      return;
    }
    const before = this.state;
    try {
      const give = this.earlier(step) ?? (await this.found(step)) ?? (await this.ran(step));
      this.state = { ...before, ...give };
      this.passed.push({ step, state: before, given: give });
    } catch (error) {
      // Cancelled or ousted: the entry stays `running`, and the next run takes it up again.
      if (this.signal.aborted) throw stoppedProblem(this.signal.reason, this.stop(step, false));
      throw await this.fail(step, error);
    }
  }

  /** What an earlier run of the same plan has journalled as done. */
  private earlier(step: ErasedStep<Start>): object | undefined {
    const entry = this.journal.entry(step.id);
    if (entry?.state !== "done") return undefined;
    const output = step.gives.safeParse(entry.output);
    if (!output.success) return undefined;
    this.ports.progress.tell({ kind: "skipped", id: step.id, title: step.title, reason: `done by an earlier run at ${entry.at}` });
    return output.data;
  }

  /** What the cluster shows to be so already. */
  private async found(step: ErasedStep<Start>): Promise<object | undefined> {
    const give = await step.done?.(this.state, this.context(step.id));
    if (give === undefined) return undefined;
    await this.journal.mark({ id: step.id, state: "done", at: this.now(), output: step.gives.parse(give) }, this.signal);
    this.ports.progress.tell({ kind: "skipped", id: step.id, title: step.title, reason: "already so" });
    return give;
  }

  private async ran(step: ErasedStep<Start>): Promise<object> {
    await this.journal.mark({ id: step.id, state: "running", at: this.now() }, this.signal);
    this.ports.progress.tell({ kind: "started", id: step.id, title: step.title });
    const give = step.gives.parse(await step.run(this.state, this.context(step.id)));
    await this.journal.mark({ id: step.id, state: "done", at: this.now(), output: give }, this.signal);
    this.ports.progress.tell({ kind: "done", id: step.id });
    return give;
  }

  private async fail(step: ErasedStep<Start>, error: unknown): Promise<unknown> {
    const what = error instanceof Error ? error.message : String(error);
    const code = error instanceof Problem ? error.code : "BUG";
    this.ports.progress.tell({ kind: "failed", id: step.id, what });
    const journalLost = error instanceof Problem && error.code === "JOURNAL_CONFLICT";
    if (!journalLost)
      await this.attempt(`writing the journal`, () =>
        this.journal.mark({ id: step.id, state: "failed", at: this.now(), error: { code, what } }, this.signal),
      );
    const undone = this.options.onFailure === "undo" && !journalLost && (await this.undo(step));
    await this.attempt("writing the record", async () => this.options.failed?.({ action: step.id, problem: error, undone }, this.signal));
    return stoppedProblem(error, this.stop(step, undone));
  }

  private stop(step: ErasedStep<Start>, undone: boolean): Stop {
    return { step, plan: this.plan, entries: this.journal.entries, run: this.ports.run, undone };
  }

  /** Takes back the failed action and all before it, the last first; false when one of them could not be. */
  private async undo(failed: ErasedStep<Start>): Promise<boolean> {
    const steps = [...this.passed, { step: failed, state: this.state, given: undefined }].reverse();
    for (const { step, state, given } of steps) {
      if (step.undo === undefined) continue;
      const gone = await this.attempt(`undoing "${step.title}"`, async () => {
        await step.undo?.(state, given, this.context(step.id));
        await this.journal.mark({ id: step.id, state: "undone", at: this.now() }, this.signal);
      });
      if (!gone) return false;
    }
    return true;
  }

  /** Does what must not hide the failure that led to it; what goes wrong is told. */
  private async attempt(doing: string, work: () => Promise<unknown>): Promise<boolean> {
    try {
      await work();
      return true;
    } catch (error) {
      this.ports.progress.tell({
        kind: "note",
        text: `${doing} failed as well: ${error instanceof Error ? error.message : String(error)}`,
      });
      return false;
    }
  }

  private context(id: string): StepContext {
    const { progress, clock, run } = this.ports;
    return {
      signal: this.signal,
      clock,
      run,
      planDigest: this.digest,
      interrupted: this.journal.interrupted.has(id),
      advance: (advance) => progress.tell({ kind: "advanced", id, advance }),
      view: (lines) => progress.tell({ kind: "view", id, lines }),
      note: (text) => progress.tell({ kind: "note", text }),
      abort: (reason) => this.aborter.abort(reason),
      onEnd: (close) => this.closers.push(close),
      leaveCluster: () => this.journal.leaveCluster(this.signal),
    };
  }

  private now(): string {
    return this.ports.clock.now().toISOString();
  }
}
