import { assertNever } from "../../../../src/domain/assert-never.ts";
import type { Container, ContainerPhase, Pod, Termination } from "../../../../src/domain/rollout/workload.ts";
import type { ReleaseScope } from "../../../../src/ports/cluster-workloads.ts";
import { controlledBy, type KubernetesObject, labelsOf } from "./object.ts";
import { conditionObject } from "./workloads.ts";

/** A pod with the status that its kubelet would have written; one of a Deployment belongs to that one's ReplicaSet `NAME-5d9c7b`. */
export function podObject({ release, namespace }: ReleaseScope, pod: Pod): KubernetesObject {
  const [inits, mains] = [pod.containers.filter(({ role }) => role !== "main"), pod.containers.filter(({ role }) => role === "main")];
  return {
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name: pod.name, namespace, labels: labelsOf(release, pod.component), ...owners(pod) },
    spec: {
      automountServiceAccountToken: false,
      ...(pod.node === undefined ? {} : { nodeName: pod.node }),
      imagePullSecrets: pod.pullSecrets.map((name) => ({ name })),
      nodeSelector: pod.nodeSelector,
      initContainers: inits.map((one) => ({ ...containerSpec(one), ...(one.role === "sidecar" ? { restartPolicy: "Always" } : {}) })),
      // The first container asks for everything that the pod asks for.
      containers: mains.map((one, index) => containerSpec(one, index === 0 ? pod.requests : {})),
      volumes: [
        ...pod.claims.map((claimName) => ({ name: `claim-${claimName}`, persistentVolumeClaim: { claimName } })),
        ...pod.configVolumes.map(({ volume, object, name }) => ({
          name: volume,
          ...(object === "Secret" ? { secret: { secretName: name } } : { configMap: { name } }),
        })),
      ],
    },
    status: {
      phase: pod.phase,
      reason: pod.reason,
      message: pod.message,
      ...(pod.ip === undefined ? {} : { podIP: pod.ip, podIPs: [{ ip: pod.ip }] }),
      conditions: [...pod.conditions.map(conditionObject), ...(pod.ready ? [{ type: "Ready", status: "True" }] : [])],
      initContainerStatuses: inits.map(containerStatus),
      containerStatuses: mains.map(containerStatus),
    },
  };
}

function owners({ owner }: Pod): { readonly ownerReferences?: readonly object[] } {
  if (owner === undefined) return {};
  if (owner.kind === "Deployment") return { ownerReferences: controlledBy("apps/v1", "ReplicaSet", `${owner.name}-5d9c7b`) };
  return { ownerReferences: controlledBy(owner.kind === "Job" ? "batch/v1" : "apps/v1", owner.kind, owner.name) };
}

function containerSpec({ name, image, memoryLimit }: Container, requests: Pod["requests"] = {}): object {
  return { name, image, resources: { requests, ...(memoryLimit === undefined ? {} : { limits: { memory: memoryLimit } }) } };
}

function containerStatus({ name, image, ready, restarts, phase, last }: Container): object {
  return {
    name,
    image,
    imageID: "",
    ready,
    restartCount: restarts,
    state: stateObject(phase),
    ...(last === undefined ? {} : { lastState: { terminated: terminated(last) } }),
  };
}

function stateObject(phase: ContainerPhase): object {
  switch (phase.kind) {
    case "waiting":
      return phase.reason === "" ? {} : { waiting: { reason: phase.reason, message: phase.message } };
    case "running":
      return { running: phase.since === undefined ? {} : { startedAt: phase.since.toISOString() } };
    case "terminated":
      return { terminated: terminated(phase) };
    default:
      return assertNever(phase);
  }
}

function terminated({ exitCode, signal, reason, message, finishedAt }: Termination): object {
  return {
    exitCode,
    ...(signal === undefined ? {} : { signal }),
    reason,
    message,
    ...(finishedAt === undefined ? {} : { finishedAt: finishedAt.toISOString() }),
  };
}
