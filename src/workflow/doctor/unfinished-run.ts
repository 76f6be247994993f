import type { UnfinishedRun } from "../../domain/doctor/unfinished-run.ts";
import type { Journal } from "../../domain/plan/journal.ts";
import { commandOf } from "../../domain/plan/plan.ts";
import type { ClusterObjects, LeaseState } from "../../ports/cluster-objects.ts";
import { readJournal } from "../run/journal-keeper.ts";
import { leaseName } from "../run/lease.ts";

/** What a run is looked for through. */
export type RunReader = Pick<ClusterObjects, "readDocument" | "readLease">;

/** The run that has not come to its end; undefined when there is none. Reads only. @throws Problem CLUSTER_* */
export async function unfinishedRun(objects: RunReader, namespace: string, signal: AbortSignal): Promise<UnfinishedRun | undefined> {
  const [journal, { lease, now }] = await Promise.all([
    readJournal(objects, namespace, signal),
    objects.readLease(namespace, leaseName, signal),
  ]);
  const heldBy = lease === undefined || !lives(lease, now) ? undefined : `${lease.holder.user} from ${lease.holder.host}`;
  const reading = journal?.reading;
  if (reading === undefined) return undefined;
  if (reading.kind === "strange")
    return reading.finished
      ? undefined
      : { workflow: reading.workflow, command: undefined, startedAt: undefined, failure: undefined, heldBy };
  const { plan, startedAt, finished } = reading.journal;
  if (finished) return undefined;
  return { workflow: plan.workflow, command: commandOf[plan.workflow], startedAt, failure: failureOf(reading.journal), heldBy };
}

function lives({ renewedAt, durationSeconds }: LeaseState, now: Date): boolean {
  return now.getTime() - renewedAt.getTime() < durationSeconds * 1000;
}

function failureOf({ entries }: Journal): string | undefined {
  return entries.findLast(({ state, error }) => state === "failed" && error !== undefined)?.error?.what;
}
