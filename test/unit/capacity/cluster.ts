import { podSpecSchema } from "../../../src/domain/capacity/pod-spec.ts";
import type { WantedPod } from "../../../src/domain/capacity/wanted-pods.ts";
import type { NodeFact, PodUse } from "../../../src/domain/facts/node.ts";

/** A ready Linux node of the given size. */
export function node(name: string, cpu: string, memory: string, more: Partial<NodeFact> = {}): NodeFact {
  return {
    name,
    labels: { "kubernetes.io/hostname": name, "kubernetes.io/arch": "amd64" },
    taints: [],
    unschedulable: false,
    conditions: { Ready: "True", MemoryPressure: "False", DiskPressure: "False", PIDPressure: "False" },
    allocatable: { cpu, memory, pods: "110" },
    architecture: "amd64",
    os: "linux",
    runtime: "containerd://1.6.20",
    kubelet: "v1.34.4",
    ...more,
  };
}

/** A pod of a Deployment that asks for so much. */
export function pod(
  owner: string,
  index: number,
  cpu: string,
  memory: string,
  spec: object = {},
  life: WantedPod["life"] = "steady",
): WantedPod {
  return {
    name: `${owner}-${index}`,
    owner: `Deployment/${owner}`,
    labels: { app: owner },
    spec: podSpecSchema.parse({ containers: [{ name: owner, resources: { requests: { cpu, memory } } }], ...spec }),
    life,
  };
}

/** Nothing runs yet. */
export const idle: PodUse = { nodes: {}, waiting: { requests: {}, pods: 0 }, namespace: [], images: [] };

/** So much is held on one node by others. */
export function held(name: string, cpu: string, memory: string, pods = 1): PodUse {
  return { ...idle, nodes: { [name]: { requests: { cpu, memory }, pods } } };
}
