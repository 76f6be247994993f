import { rooms } from "../src/domain/capacity/room.ts";
import { unrendered } from "./capacity-fit.ts";
import type { Check } from "./check.ts";
import { fail, pass, unread, warn } from "./judgement.ts";

/** Share of the free slots above which an upgrade or a scale-out soon finds none. */
const comfortable = 0.9;

/** Are there enough pod slots? */
export const podSlots: Check = {
  id: "pod-slots",
  title: "Pod slots",
  why: "Every node takes a fixed number of pods (110, on some clouds far fewer), whatever CPU and memory it has left.",
  needs: ["nodes", "pods", "rendered"],
  assess({ facts: { nodes, pods }, answers, wanted: manifests }) {
    const wanted = `a free slot for every pod of profile ${answers.profile}`;
    if (manifests.kind !== "known") return [unrendered(manifests, wanted)];
    if (nodes.kind !== "known") return [unread(nodes, wanted)];
    if (pods.kind !== "known") return [unread(pods, wanted)];
    const usable = rooms(nodes.value, pods.value, (labels) => labels["app.kubernetes.io/instance"] === answers.release.name).filter(
      ({ taints }) => taints.length === 0,
    );
    const free = usable.reduce((sum, room) => sum + Math.max(0, room.free["pods"] ?? 0), 0);
    const needed = manifests.value.pods.filter(({ life }) => life === "steady").length;
    const seen = `${free} free on usable nodes, ${needed} needed`;
    const fix = "Add nodes, or raise maxPods of the kubelets (on EKS: prefix delegation of the network plugin).";
    if (needed > free) return [fail(seen, wanted, fix)];
    return [needed > free * comfortable ? warn(seen, wanted, fix) : pass(seen, wanted)];
  },
};
