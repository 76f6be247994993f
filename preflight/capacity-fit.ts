import { assertNever } from "../src/domain/assert-never.ts";
import { fit, type Unplaced } from "../src/domain/capacity/fit.ts";
import { demand, type Refusal } from "../src/domain/capacity/placement.ts";
import { type Room, rooms } from "../src/domain/capacity/room.ts";
import type { WantedPod } from "../src/domain/capacity/wanted-pods.ts";
import type { PodUse } from "../src/domain/facts/node.ts";
import { amount } from "./amount.ts";
import type { Check, CheckInput, Judgement } from "./check.ts";
import { count, fail, pass, some, unknown, unread, warn } from "./judgement.ts";
import { containerDefaults } from "./limit-defaults.ts";
import { remedy } from "./remedy.ts";

/** Do the release's pods fit onto what is free now, node by node? */
export const capacityFit: Check = {
  id: "capacity-fit",
  title: "Room for every pod",
  why: "Room is per node: a sum that suffices does not help a pod that fits onto no single node, and it stays Pending.",
  needs: ["nodes", "pods", "limits", "rendered"],
  assess(input) {
    const { facts, answers, wanted: manifests } = input;
    const wanted = `a node for every pod of profile ${answers.profile}`;
    if (manifests.kind !== "known") return [unrendered(manifests, wanted)];
    if (facts.nodes.kind !== "known") return [unread(facts.nodes, wanted)];
    const { pods } = manifests.value;
    const { defaultRequest } = containerDefaults(facts.limits);
    if (facts.pods.kind !== "known") {
      const empty = fit(
        pods,
        rooms(facts.nodes.value, nothingRuns, () => false),
        defaultRequest,
      );
      if (empty.kind !== "short") return [unread(facts.pods, wanted)];
      return [
        tooSmall(
          input,
          pods,
          empty.unplaced,
          rooms(facts.nodes.value, nothingRuns, () => false),
          "even on empty nodes",
        ),
      ];
    }
    const free = rooms(facts.nodes.value, facts.pods.value, (labels) => labels["app.kubernetes.io/instance"] === answers.release.name);
    const result = fit(pods, free, defaultRequest);
    const waiting = facts.pods.value.waiting.pods;
    const rivals = waiting > 0 ? `; ${count(waiting, "pod")} of others also ${waiting === 1 ? "waits" : "wait"} for a node` : "";
    switch (result.kind) {
      case "fits":
        return [pass(`${count(pods.length, "pod")} fit onto ${count(new Set(result.placements.values()).size, "node")}${rivals}`, wanted)];
      case "tight":
        return [
          warn(
            `${count(pods.length, "pod")} fit only when packed tightly, which the scheduler does not promise${rivals}`,
            wanted,
            remedy(pods, free, defaultRequest, answers.profile),
          ),
        ];
      case "short":
        return [tooSmall(input, pods, result.unplaced, free, "onto what is free")];
    }
  },
};

const nothingRuns: PodUse = { nodes: {}, waiting: { requests: {}, pods: 0 }, namespace: [], images: [] };

/** The finding of every check that needs the rendered chart and has none. */
export function unrendered(manifests: Exclude<CheckInput["wanted"], { readonly kind: "known" }>, wanted: string): Judgement {
  return unknown(
    `the chart could not be rendered: ${manifests.message}`,
    wanted,
    "Install helm or point MIGRATECTL_HELM to it, and pass the --bundle that holds the chart; then run preflight again.",
  );
}

function tooSmall(
  { answers, facts }: CheckInput,
  pods: readonly WantedPod[],
  unplaced: readonly Unplaced[],
  free: readonly Room[],
  where: string,
): Judgement {
  if (free.length === 0)
    return fail(
      `${count(pods.length, "pod")}, and no node`,
      `a node for every pod of profile ${answers.profile}`,
      "Add nodes to the cluster.",
    );
  const told = unplaced.slice(0, 3).map((one) => explained(one, free.length));
  const more = unplaced.length > told.length ? `; and ${some(unplaced.slice(3).map(({ pod }) => pod.name))}` : "";
  const seen = `${unplaced.length} of ${count(pods.length, "pod")} ${unplaced.length === 1 ? "does" : "do"} not fit ${where}: ${told.join("; ")}${more}`;
  const { defaultRequest } = containerDefaults(facts.limits);
  return fail(seen, `a node for every pod of profile ${answers.profile}`, remedy(pods, free, defaultRequest, answers.profile));
}

function explained({ pod, refusals }: Unplaced, nodes: number): string {
  const reasons = refusals.map(({ refusal, nodes: refusing }) => `${refusing} ${reason(refusal)}`);
  return `${pod.name} (${asks(pod)}): of ${count(nodes, "node")} ${reasons.join(", ") || "none"}`;
}

function reason(refusal: Refusal): string {
  switch (refusal.kind) {
    case "taint":
      return `with taint ${refusal.key}`;
    case "resource":
      return `without enough ${refusal.name === "pods" ? "pod slots" : refusal.name}`;
    case "selector":
      return "not matching its node selector";
    case "anti-affinity":
      return "already running one of its kind";
    case "affinity":
      return "without the pod it wants to be near";
    case "spread":
      return `against the spread over ${refusal.key}`;
    default:
      return assertNever(refusal);
  }
}

function asks(pod: WantedPod): string {
  const requests = demand(pod).amounts;
  return [amount("cpu", requests["cpu"] ?? 0), amount("memory", requests["memory"] ?? 0)].join(", ");
}
