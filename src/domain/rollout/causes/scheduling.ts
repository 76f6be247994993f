import type { Sighting, Turndown } from "../cause.ts";
import type { NodeFact, Pod } from "../workload.ts";

/** The scheduler's verdict on a pod that has no node, or undefined. Unbound claims are the volume's matter. */
export function scheduling(pod: Pod, nodes: readonly NodeFact[]): Sighting | undefined {
  const condition = pod.conditions.find((one) => one.type === "PodScheduled" && one.status === "False");
  if (condition === undefined || condition.reason !== "Unschedulable" || isAboutVolumes(condition.message)) return undefined;
  const turndowns = turndownsOf(condition.message);
  const tainted = turndowns.some((one) => /taint/.test(one.reason));
  const mislabelled = turndowns.some((one) => /affinity\/selector/.test(one.reason));
  const resources = turndowns.flatMap((one) => resourceOf(one.reason) ?? []);
  return {
    cause: {
      kind: "scheduling",
      resources,
      requests: Object.fromEntries(Object.entries(pod.requests).filter(([name]) => resources.includes(name))),
      nodeSelector: mislabelled ? pod.nodeSelector : {},
      nodes: Number(/^0\/(\d+) nodes/.exec(condition.message)?.[1] ?? nodes.length),
      turndowns,
      // Since 1.34 the scheduler no longer names the taint; the nodes do.
      taints: tainted ? [...new Set(nodes.flatMap((node) => node.taints))] : [],
      message: condition.message,
    },
    object: `Pod/${pod.name}`,
    reason: condition.reason,
    ...(condition.since === undefined ? {} : { since: condition.since }),
  };
}

/** True when the scheduler waits for claims and nothing else. */
export function isAboutVolumes(message: string): boolean {
  if (/persistentvolumeclaim "[^"]+" not found/.test(message)) return true;
  const turndowns = turndownsOf(message);
  if (turndowns.length === 0) return /unbound immediate PersistentVolumeClaims|binding volumes/.test(message);
  return turndowns.every((one) => /PersistentVolume|persistent volume|volume node affinity/.test(one.reason));
}

/** `1 Insufficient cpu, 2 node(s) had untolerated taint(s)` as data. */
function turndownsOf(message: string): readonly Turndown[] {
  const list = /nodes are available: (.*?)(?:\. (?:preemption|no new claims)|\.?$)/s.exec(message)?.[1] ?? "";
  return list.split(/, (?=\d+ )|\. (?=\d+ )/).flatMap((part) => {
    const found = /^(\d+) (.+)$/s.exec(part.trim());
    return found?.[1] === undefined || found[2] === undefined
      ? wholeCluster(part)
      : [{ nodes: Number(found[1]), reason: found[2].replace(/\.$/, "") }];
  });
}

/** Some verdicts (unbound claims) are on all nodes at once and carry no number. */
function wholeCluster(part: string): readonly Turndown[] {
  return part.trim() === "" ? [] : [{ nodes: 0, reason: part.trim() }];
}

function resourceOf(reason: string): string | undefined {
  if (reason.startsWith("Too many pods")) return "pods";
  return /^Insufficient (\S+)/.exec(reason)?.[1];
}
