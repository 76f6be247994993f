import type { CauseCard } from "../../domain/rollout/cause.ts";
import { findCauses, logKey, logsWanted } from "../../domain/rollout/find-causes.ts";
import { readableLine } from "../../domain/rollout/log-line.ts";
import type { RolloutFacts } from "../../domain/rollout/workload.ts";
import type { ClusterWorkloads, ReleaseScope } from "../../ports/cluster-workloads.ts";

/** Log lines shown on a card. */
const tailLines = 12;

/** The release at one moment and why what is unready is so. */
export interface Diagnosis {
  readonly facts: RolloutFacts;
  readonly cards: readonly CauseCard[];
}

/** Reads the release and finds the root causes, with the last log lines of the containers they point to. */
export async function diagnose(workloads: ClusterWorkloads, scope: ReleaseScope, signal: AbortSignal): Promise<Diagnosis> {
  const facts = await workloads.rollout(scope, signal);
  const logs = await Promise.all(
    logsWanted(facts).map(async (source) => {
      const lines = await workloads.logTail(scope.namespace, source, tailLines, signal);
      // A container that has just been restarted has no earlier log any more; the card goes without.
      return [logKey(source), lines.kind === "known" ? lines.value.map(readableLine) : []] as const;
    }),
  );
  return { facts, cards: findCauses(facts, new Map(logs)) };
}
