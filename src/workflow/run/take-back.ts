import type { JournalKeeper } from "./journal-keeper.ts";
import type { ErasedStep, StepContext, Workflow } from "./step.ts";

/** What taking back works with. */
export interface TakeBackMeans<Start> {
  readonly workflow: Workflow<Start>;
  readonly start: Start;
  /** Opened in the cluster. */
  readonly journal: JournalKeeper;
  readonly context: (id: string) => StepContext;
  /** Does something and tells what went wrong instead of throwing; false then. */
  readonly attempt: (doing: string, work: () => Promise<unknown>) => Promise<boolean>;
  /** RFC 3339, UTC. */
  readonly now: () => string;
}

/**
 * Takes back what runs of this plan did, the last first; what they found is left. False when one action could not be taken back.
 * The journal says so ahead of each: a run that is cut off here is gone on with by the next one, in the same direction.
 */
export async function takeBack<Start extends object>(means: TakeBackMeans<Start>, signal: AbortSignal): Promise<boolean> {
  const { workflow, journal, attempt, now } = means;
  if (!(await attempt("writing the journal", () => journal.turnBack(signal)))) return false;
  for (const step of [...workflow.steps].reverse()) {
    const entry = journal.entry(step.id);
    if (entry === undefined || entry.how !== "ran" || entry.state === "undone") continue;
    const gone = await attempt(`undoing "${step.title}"`, async () => {
      await journal.mark({ id: step.id, state: "undoing", at: now() }, signal);
      const done = { before: entry.before, given: step.gives.safeParse(entry.output).data };
      await step.undo?.(stateBefore(step, means), done, means.context(step.id));
      await journal.mark({ id: step.id, state: "undone", at: now() }, signal);
    });
    if (!gone) return false;
  }
  return await attempt("writing the journal", () => journal.finish(signal));
}

/** What was known when the action began, as the journal tells it. */
function stateBefore<Start extends object>(step: ErasedStep<Start>, { workflow, start, journal }: TakeBackMeans<Start>): object {
  const state: object = { ...start };
  for (const earlier of [...workflow.preparation, ...workflow.steps]) {
    if (earlier === step) break;
    Object.assign(state, earlier.unneeded?.(start) ?? earlier.gives.safeParse(journal.entry(earlier.id)?.output).data);
  }
  return state;
}
