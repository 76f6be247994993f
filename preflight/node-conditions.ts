import { badConditionsOf } from "../src/domain/capacity/room.ts";
import type { Check } from "./check.ts";
import { count, fail, pass, some, unread, warn } from "./judgement.ts";

/** Are the nodes ready, and not under pressure? */
export const nodeConditions: Check = {
  id: "node-conditions",
  title: "Nodes ready",
  why: "Nothing is scheduled onto a node that is not ready, is cordoned or runs out of memory or disk.",
  needs: ["nodes"],
  assess({ facts: { nodes } }) {
    const wanted = "every node Ready, without pressure, not cordoned";
    if (nodes.kind !== "known") return [unread(nodes, wanted)];
    const troubled = nodes.value.flatMap((node) => {
      const trouble = [...badConditionsOf(node), ...(node.unschedulable ? ["cordoned"] : [])];
      return trouble.length === 0 ? [] : [`${node.name} (${trouble.join(", ")})`];
    });
    if (nodes.value.length === 0) return [fail("the cluster has no nodes", wanted, "Add nodes to the cluster.")];
    if (troubled.length === 0) return [pass(`${count(nodes.value.length, "node")}, all ready`, wanted)];
    const seen = `${troubled.length} of ${count(nodes.value.length, "node")}: ${some(troubled)}`;
    const fix = "Look at: kubectl describe node NAME; a cordon is lifted with: kubectl uncordon NAME";
    return [troubled.length === nodes.value.length ? fail(seen, wanted, fix) : warn(seen, wanted, fix)];
  },
};
