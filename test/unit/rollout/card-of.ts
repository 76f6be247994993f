import { known } from "../../../src/domain/reading.ts";
import type { CauseCard } from "../../../src/domain/rollout/cause.ts";
import { findCauses, logsWanted } from "../../../src/domain/rollout/find-causes.ts";
import type { ClusterEvent, Container, Pod, RolloutFacts } from "../../../src/domain/rollout/workload.ts";
import { container, deployment, facts, podOf } from "../../fakes/rollout-objects.ts";

/** The workload whose card it is. */
export const backend = deployment("backend");

/** The only card of a backend with one pod, its container and the events about it. */
export function cardOf(over: {
  container?: Partial<Container>;
  pod?: Partial<Pod>;
  events?: readonly ClusterEvent[];
  facts?: Partial<RolloutFacts>;
  logs?: readonly string[];
}): CauseCard {
  const pod = podOf(backend, { containers: [container(over.container)], ...over.pod });
  const seen = facts({ workloads: [backend], pods: [pod], events: known(over.events ?? []), ...over.facts });
  const logs = new Map(
    logsWanted(seen).map((source) => [`${source.pod}/${source.container}/${source.previous ? "previous" : "current"}`, over.logs ?? []]),
  );
  const [card, ...more] = findCauses(seen, logs);
  if (card === undefined || more.length > 0) throw new Error(`expected one card, got ${more.length + (card === undefined ? 0 : 1)}`);
  return card;
}
