import type { NodeFact, PodUse } from "../facts/node.ts";
import { toMillis, toUnits } from "./quantity.ts";
import { parseResources, type Resources, subtractResources } from "./resources.ts";
import type { Taint } from "./selectors.ts";

/** Amounts as the scheduler compares them: CPU in thousandths, all else in whole units. */
export type Amounts = Readonly<Record<string, number>>;

/** A node with what is free on it. */
export interface Room {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  /** The node's own taints, and those its conditions and cordon amount to. */
  readonly taints: readonly Taint[];
  /** All that the node offers to pods. */
  readonly whole: Amounts;
  /** Free amounts, `pods` among them. */
  readonly free: Amounts;
  /** Labels of pods of the release's namespace that stay on the node. */
  readonly present: readonly Readonly<Record<string, string>>[];
}

/** The scheduler's counting of exact amounts. */
export function amountsOf(resources: Resources): Amounts {
  return Object.fromEntries(Object.entries(resources).map(([name, nanos]) => [name, name === "cpu" ? toMillis(nanos) : toUnits(nanos)]));
}

/** A condition that keeps new pods away, and the taint the node controller gives for it. */
const badConditions: Readonly<Record<string, { readonly bad: readonly string[]; readonly taint: string }>> = {
  Ready: { bad: ["False", "Unknown"], taint: "node.kubernetes.io/not-ready" },
  MemoryPressure: { bad: ["True"], taint: "node.kubernetes.io/memory-pressure" },
  DiskPressure: { bad: ["True"], taint: "node.kubernetes.io/disk-pressure" },
  PIDPressure: { bad: ["True"], taint: "node.kubernetes.io/pid-pressure" },
  NetworkUnavailable: { bad: ["True"], taint: "node.kubernetes.io/network-unavailable" },
};

/** Conditions of a node that keep new pods away: `["Ready=False"]`. */
export function badConditionsOf(node: Pick<NodeFact, "conditions">): readonly string[] {
  const known = Object.entries(badConditions).flatMap(([type, { bad }]) =>
    bad.includes(node.conditions[type] ?? "") ? [`${type}=${node.conditions[type]}`] : [],
  );
  return node.conditions["Ready"] === undefined ? ["Ready is not reported", ...known] : known;
}

/**
 * The rooms of a cluster: what each node can give minus what runs there. Pods that `leaving` picks (those of the release that will be
 * replaced) give theirs back.
 */
export function rooms(
  nodes: readonly NodeFact[],
  use: PodUse,
  leaving: (labels: Readonly<Record<string, string>>) => boolean,
): readonly Room[] {
  const own = Map.groupBy(use.namespace, (pod) => pod.node);
  return nodes.map((node) => {
    const held = use.nodes[node.name];
    const here = own.get(node.name) ?? [];
    const going = here.filter((pod) => leaving(pod.labels));
    let free = subtractResources(parseResources(node.allocatable), parseResources(held?.requests));
    for (const pod of going) free = subtractResources(free, negated(parseResources(pod.requests)));
    const amounts = amountsOf(free);
    const slots = toUnits(parseResources(node.allocatable)["pods"] ?? 0n) - (held?.pods ?? 0) + going.length;
    return {
      name: node.name,
      labels: { "kubernetes.io/hostname": node.name, ...node.labels },
      taints: taintsOf(node),
      whole: amountsOf(parseResources(node.allocatable)),
      free: { ...amounts, pods: slots },
      present: here.filter((pod) => !leaving(pod.labels)).map((pod) => pod.labels),
    };
  });
}

function taintsOf(node: NodeFact): readonly Taint[] {
  const fromConditions = Object.entries(badConditions)
    .filter(([type, { bad }]) => bad.includes(node.conditions[type] ?? (type === "Ready" ? "Unknown" : "")))
    .map(([, { taint }]) => ({ key: taint, value: "", effect: "NoSchedule" }));
  const cordon = node.unschedulable ? [{ key: "node.kubernetes.io/unschedulable", value: "", effect: "NoSchedule" }] : [];
  const own = node.taints.filter(({ effect }) => effect === "NoSchedule" || effect === "NoExecute");
  return [...new Map([...own, ...fromConditions, ...cordon].map((taint) => [`${taint.key}:${taint.effect}`, taint])).values()];
}

function negated(resources: Resources): Resources {
  return Object.fromEntries(Object.entries(resources).map(([name, amount]) => [name, -amount]));
}
