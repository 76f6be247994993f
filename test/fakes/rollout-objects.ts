import { known } from "../../src/domain/reading.ts";
import type { ClusterEvent, Container, Pod, RolloutFacts, Workload } from "../../src/domain/rollout/workload.ts";

/** The moment of every object made here. */
export const moment = new Date("2026-03-01T12:00:00.000Z");

/** `moment` minus some seconds. */
export function ago(seconds: number): Date {
  return new Date(moment.getTime() - seconds * 1000);
}

/** A Deployment with no pod ready yet, unless told otherwise. */
export function deployment(name: string, over: Partial<Workload> = {}): Workload {
  return {
    kind: "Deployment",
    name,
    component: name,
    version: "1.0.0",
    createdAt: ago(120),
    wanted: 1,
    existing: 1,
    updated: 1,
    ready: 0,
    available: 0,
    generation: 1,
    observedGeneration: 1,
    replicaSets: [`${name}-5d9c7b`],
    conditions: [],
    ...over,
  };
}

/** A StatefulSet, as {@link deployment}. */
export function statefulSet(name: string, over: Partial<Workload> = {}): Workload {
  return deployment(name, { kind: "StatefulSet", replicaSets: [], ...over });
}

/** A Job that has not ended. */
export function job(name: string, over: Partial<Workload> = {}): Workload {
  return deployment(name, { kind: "Job", replicaSets: [], ...over });
}

/** Overrides that make a Deployment or StatefulSet ready. */
export const ready: Partial<Workload> = { ready: 1, available: 1 };

/** Overrides that make a Job complete. */
export const complete: Partial<Workload> = {
  ready: 1,
  available: 1,
  conditions: [{ type: "Complete", status: "True", reason: "CompletionsReached", message: "" }],
};

/** A container that has run for a minute and is not ready, unless told otherwise. */
export function container(over: Partial<Container> = {}): Container {
  return {
    name: "main",
    role: "main",
    image: "registry.client.example/migrate-platform/backend:1.0.0",
    ready: false,
    restarts: 0,
    phase: { kind: "running", since: ago(60) },
    ...over,
  };
}

/** An unready pod of the workload, placed on node-a. */
export function podOf(workload: Workload, over: Partial<Pod> = {}): Pod {
  return {
    name: `${workload.name}-x2x4z`,
    component: workload.component,
    owner: { kind: workload.kind, name: workload.name },
    createdAt: ago(90),
    deleting: false,
    phase: "Pending",
    reason: "",
    message: "",
    ready: false,
    node: "node-a",
    conditions: [{ type: "PodScheduled", status: "True", reason: "", message: "" }],
    containers: [container()],
    requests: {},
    nodeSelector: {},
    claims: [],
    pullSecrets: [],
    configVolumes: [],
    ...over,
  };
}

/** A warning about an object, seen ten seconds ago. */
export function warning(kind: string, name: string, reason: string, message: string, over: Partial<ClusterEvent> = {}): ClusterEvent {
  return { object: { kind, name }, type: "Warning", reason, message, count: 1, at: ago(10), ...over };
}

/** Facts in which everything may be read and one healthy node is there. */
export function facts(over: Partial<RolloutFacts> = {}): RolloutFacts {
  return {
    at: moment,
    namespace: "client-acme",
    workloads: [],
    pods: [],
    events: known([]),
    claims: known([]),
    storageClasses: known([{ name: "standard", provisioner: "local.example/path", isDefault: true, waitsForConsumer: true }]),
    nodes: known([{ name: "node-a", ready: true, cordoned: false, taints: [], message: "" }]),
    ...over,
  };
}
