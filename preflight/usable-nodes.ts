import { badConditionsOf } from "../src/domain/capacity/room.ts";
import type { NodeFact } from "../src/domain/facts/node.ts";

/** Nodes that ordinary pods may be scheduled onto: ready, not cordoned, not tainted against them. */
export function usableNodes(nodes: readonly NodeFact[]): readonly NodeFact[] {
  return nodes.filter(
    (node) =>
      !node.unschedulable &&
      badConditionsOf(node).length === 0 &&
      !node.taints.some(({ effect }) => effect === "NoSchedule" || effect === "NoExecute"),
  );
}
