import type { Answers } from "../../domain/answers/answers.ts";
import { Problem } from "../../domain/errors/problem.ts";
import type { JournalEntry } from "../../domain/plan/journal.ts";
import type { Plan, PlanSubject } from "../../domain/plan/plan.ts";
import type { Actor, NewRecordEntry } from "../../domain/plan/record.ts";
import type { Helm } from "../../ports/helm.ts";
import { mayReplace } from "./journal-keeper.ts";
import { planDigest, planOf } from "./plan-of.ts";
import { recordName, writeRecord } from "./record-book.ts";
import { type Ending, type RunnerPorts, type RunOptions, type RunOutcome, runPlan } from "./runner.ts";
import { isCarriedOut, readSituation, type Situation } from "./situation.ts";
import type { Workflow } from "./step.ts";

/** Where a release is, or is to be; every workflow's start has it. */
export interface Place {
  /** Name of the Helm release. */
  readonly name: string;
  readonly namespace: string;
  /** Identity of the cluster that the facts were read from. */
  readonly clusterUid: string;
}

/** What is to be carried out, and what the record will say of it. */
export interface Undertaking<Start extends Place> {
  readonly workflow: Workflow<Start>;
  readonly start: Start;
  /** What the plan is for, as far as it is not the place. */
  readonly subject: (situation: Situation) => Pick<PlanSubject, "bundleDigest" | "inputs"> & { readonly version: string };
  readonly by: Actor;
  readonly skippedChecks: readonly { readonly check: string; readonly reason: string }[];
  /** Kept beside the record once the run has succeeded: they are then the answers of the release. */
  readonly answers?: Answers;
  /** The schema that the release needs, where the run brings the database there. */
  readonly schemaRevision?: string;
  /** What it is brought through on the way there. */
  readonly migrations?: NewRecordEntry["migrations"];
  /** What is left for later on the way, by id. */
  readonly putOff?: readonly string[];
  /** What the actions gave that the record is to keep, too. */
  readonly kept?: (entries: readonly JournalEntry[]) => Pick<NewRecordEntry, "restorePoint">;
  /** Delete journal and record at a good end. */
  readonly leaveNothing?: boolean;
  /** Unless given, what was done is kept for the next run. */
  readonly onFailure?: RunOptions["onFailure"];
}

/** What carrying out works through. */
export interface CarryOutPorts extends RunnerPorts {
  readonly helm: Helm;
}

/** A plan, and the situation that it was made for. */
export interface Planned {
  readonly plan: Plan;
  readonly situation: Situation;
  /** True when there is nothing to do: this very plan was carried out last, and all of it is still so. */
  readonly carriedOut: boolean;
}

/**
 * Makes the plan and looks how the cluster stands to it. Reads only.
 * @throws Problem JOURNAL_STRANGE, RUN_UNFINISHED, RECORD_BROKEN, CLUSTER_*, HELM_*
 */
export async function makePlan<Start extends Place>(
  ports: CarryOutPorts,
  { workflow, start, subject }: Undertaking<Start>,
  signal: AbortSignal,
): Promise<Planned> {
  const { name, namespace, clusterUid } = start;
  const situation = await readSituation(ports, start, signal);
  mayReplace(situation.journal, workflow, namespace);
  const { version, ...inputs } = subject(situation);
  const plan = planOf(workflow, start, { release: { name, namespace, version }, clusterUid, ...inputs });
  const note = (text: string) => ports.progress.tell({ kind: "note", text });
  const carriedOut = await isCarriedOut(workflow, { start, plan, situation }, { signal, clock: ports.clock, note });
  return { plan, situation, carriedOut };
}

/**
 * Carries out a plan that was made for a situation, if that is still the situation once the Lease is held, and writes into the record how
 * it ended.
 * @throws Problem PLAN_STALE before anything was changed, and as runPlan
 */
export async function carryOut<Start extends Place>(
  ports: CarryOutPorts,
  undertaking: Undertaking<Start>,
  { plan, situation }: Planned,
  signal: AbortSignal,
): Promise<RunOutcome> {
  const { workflow, start, leaveNothing = false, onFailure = () => "keep" } = undertaking;
  const stillAsPlanned = async (running: AbortSignal) => {
    const now = await readSituation(ports, start, running);
    if (now.fingerprint !== situation.fingerprint) throw stale(start, situation, now);
  };
  const ended = async (ending: Ending, running: AbortSignal) => {
    if (leaveNothing && ending.outcome === "succeeded") await ports.objects.deleteDocument(start.namespace, recordName, running);
    else await record(ports, undertaking, plan, ending, running);
  };
  return await runPlan(ports, workflow, start, plan, { signal, onFailure, stillAsPlanned, ended, leaveNothing });
}

async function record<Start extends Place>(
  { objects, clock, run }: CarryOutPorts,
  { start, by, skippedChecks, answers, schemaRevision, migrations, putOff = [], kept = () => ({}) }: Undertaking<Start>,
  plan: Plan,
  { outcome, startedAt, failure, entries }: Ending,
  signal: AbortSignal,
): Promise<void> {
  const entry = {
    workflow: plan.workflow,
    run: run.id,
    by,
    version: plan.release.version,
    ...(plan.bundleDigest === undefined ? {} : { bundleDigest: plan.bundleDigest }),
    ...(schemaRevision === undefined ? {} : { schemaRevision }),
    ...(migrations === undefined ? {} : { migrations }),
    ...(putOff.length === 0 ? {} : { putOff }),
    ...kept(entries),
    planDigest: planDigest(plan),
    skippedChecks,
    startedAt,
    finishedAt: clock.now().toISOString(),
    outcome,
    ...(failure && { failure }),
  };
  const theirs = outcome === "succeeded" && answers !== undefined ? { answers } : {};
  await writeRecord(objects, start.namespace, { release: start.name, clusterUid: start.clusterUid, entry, ...theirs }, signal);
}

function stale({ name, namespace }: Place, then: Situation, now: Situation): Problem {
  const changed = [
    ...(then.release?.revision === now.release?.revision && then.release?.status === now.release?.status
      ? []
      : [`Helm has revision ${now.release?.revision ?? "none"}${now.release ? ` (${now.release.status})` : ""}`]),
    ...(then.record?.version === now.record?.version ? [] : ["something was recorded"]),
  ];
  return new Problem("PLAN_STALE", {
    what: `release ${name} in namespace ${namespace} is not as it was when the plan was made: ${changed.length > 0 ? changed.join(", ") : "another run has been at work"}`,
  });
}
