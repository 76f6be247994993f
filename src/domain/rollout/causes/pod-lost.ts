import type { Sighting } from "../cause.ts";
import type { NodeFact, Pod } from "../workload.ts";

const refusals = /^(Evicted|Preempt|Terminated|NodeShutdown|OutOf|NodeAffinity|NodePorts|UnexpectedAdmissionError)/;

/** The node that took the pod with it, or the node's refusal of the pod; undefined when the node is well. */
export function podLost(pod: Pod, nodes: readonly NodeFact[]): Sighting | undefined {
  const object = `Pod/${pod.name}`;
  const node = nodes.find((one) => one.name === pod.node);
  if (node !== undefined && !node.ready && !finished(pod)) {
    return { cause: { kind: "node-lost", node: node.name, message: node.message }, object: `Node/${node.name}`, reason: "NodeNotReady" };
  }
  if (pod.reason === "NodeLost" && pod.node !== undefined) {
    return { cause: { kind: "node-lost", node: pod.node, message: pod.message }, object: `Node/${pod.node}`, reason: pod.reason };
  }
  if (pod.phase === "Failed" && refusals.test(pod.reason)) {
    return { cause: { kind: "evicted", reason: pod.reason, message: pod.message }, object, reason: pod.reason };
  }
  return undefined;
}

function finished(pod: Pod): boolean {
  return pod.phase === "Succeeded" || pod.phase === "Failed";
}
