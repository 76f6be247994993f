import type { Journal, JournalReading } from "../../domain/plan/journal.ts";
import type { Plan } from "../../domain/plan/plan.ts";
import type { ClusterObjects } from "../../ports/cluster-objects.ts";
import type { Helm, HelmRelease } from "../../ports/helm.ts";
import { readJournal } from "./journal-keeper.ts";
import { planDigest } from "./plan-of.ts";
import { type RecordBook, readRecord } from "./record-book.ts";
import type { ErasedStep, LookContext, Workflow } from "./step.ts";

/** What a situation is read through. */
export interface SituationPorts {
  readonly objects: ClusterObjects;
  readonly helm: Pick<Helm, "find">;
}

/** How a release stands in its cluster: what every plan is judged by. */
export interface Situation {
  readonly journal: JournalReading | undefined;
  readonly record: RecordBook | undefined;
  /** The newest revision that Helm has of it. */
  readonly release: HelmRelease | undefined;
  /** Equal for equal situations. What an interrupted run of ours may still be changing (an orphaned helm) is no part of it. */
  readonly fingerprint: string;
}

/** Reads how a release stands. @throws Problem RECORD_BROKEN, CLUSTER_*, HELM_* */
export async function readSituation(
  { objects, helm }: SituationPorts,
  { name, namespace }: { readonly name: string; readonly namespace: string },
  signal: AbortSignal,
): Promise<Situation> {
  const [journal, record, release] = await Promise.all([
    readJournal(objects, namespace, signal),
    readRecord(objects, namespace, signal),
    helm.find(name, namespace, signal),
  ]);
  const unfinished = journal?.reading.kind === "journal" && !journal.reading.journal.finished;
  const settled = unfinished ? "" : `${release?.revision ?? 0} ${release?.status ?? ""}`;
  return {
    journal: journal?.reading,
    record,
    release,
    fingerprint: JSON.stringify([journal?.version, record?.version, settled]),
  };
}

/** The journal of a run that was interrupted or failed. */
export function unfinishedJournal({ journal }: Situation): Journal | undefined {
  return journal?.kind === "journal" && !journal.journal.finished ? journal.journal : undefined;
}

/**
 * True when exactly this plan was carried out last, and all of it is still so: steps that can tell ask the cluster, what the others gave is in
 * the journal. Reads only.
 */
export async function isCarriedOut<Start extends object>(
  workflow: Workflow<Start>,
  { start, plan, situation }: { readonly start: Start; readonly plan: Plan; readonly situation: Situation },
  context: LookContext,
): Promise<boolean> {
  // A drill changes nothing of the release, and a repair brings it back to where it was.
  const last = situation.record?.record.entries.findLast(({ workflow: name }) => name !== "drill" && name !== "repair");
  const journal = situation.journal?.kind === "journal" ? situation.journal.journal : undefined;
  if (last?.outcome !== "succeeded" || last.workflow !== workflow.name || last.planDigest !== planDigest(plan)) return false;
  if (journal === undefined || !journal.finished || journal.planDigest !== last.planDigest) return false;
  const given = async (step: ErasedStep<Start>, state: object): Promise<object | undefined> => {
    const unneeded = step.unneeded?.(start);
    if (unneeded !== undefined) return unneeded;
    if (step.alreadySo !== undefined) return await step.alreadySo(state, context);
    return step.gives.safeParse(journal.entries.find(({ id }) => id === step.id)?.output).data;
  };
  let state: object = start;
  for (const step of workflow.steps) {
    const give = await given(step, state);
    if (give === undefined) return false;
    state = { ...state, ...give };
  }
  return true;
}
