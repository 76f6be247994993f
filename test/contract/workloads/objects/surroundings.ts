import type { Claim, ClusterEvent, NodeFact, StorageClassFact } from "../../../../src/domain/rollout/workload.ts";
import type { KubernetesObject } from "./object.ts";

/** An event; one that was seen more than once is told as a series, as newer components do it, the others in the old way. */
export function eventObject(namespace: string, name: string, event: ClusterEvent): KubernetesObject {
  const { object, type, reason, message, count } = event;
  const at = event.at.toISOString();
  const common = {
    apiVersion: "v1",
    kind: "Event",
    metadata: { name, namespace },
    involvedObject: {
      kind: object.kind,
      name: object.name,
      namespace,
      ...(object.container === undefined ? {} : { fieldPath: `spec.containers{${object.container}}` }),
    },
    type,
    reason,
    message,
  };
  if (count === 1) return { ...common, source: { component: "kubelet" }, firstTimestamp: at, lastTimestamp: at, count };
  const precise = at.replace(/Z$/, "000Z");
  return {
    ...common,
    eventTime: "2026-03-01T10:00:00.000000Z",
    reportingComponent: "example.com/kubelet",
    reportingInstance: "node-a",
    action: "Probing",
    series: { count, lastObservedTime: precise },
  };
}

/** A claim in its phase. The empty class keeps the cluster's default one away. */
export function claimObject(namespace: string, { name, phase, storageClass, requested }: Claim): KubernetesObject {
  return {
    apiVersion: "v1",
    kind: "PersistentVolumeClaim",
    metadata: { name, namespace },
    spec: { accessModes: ["ReadWriteOnce"], storageClassName: storageClass ?? "", resources: { requests: { storage: requested } } },
    status: { phase },
  };
}

/** A StorageClass. */
export function storageClassObject({ name, provisioner, isDefault, waitsForConsumer }: StorageClassFact): KubernetesObject {
  return {
    apiVersion: "storage.k8s.io/v1",
    kind: "StorageClass",
    metadata: { name, ...(isDefault ? { annotations: { "storageclass.kubernetes.io/is-default-class": "true" } } : {}) },
    provisioner,
    volumeBindingMode: waitsForConsumer ? "WaitForFirstConsumer" : "Immediate",
  };
}

/** A node whose kubelet listens on a port of this machine's loopback. */
export function nodeObject({ name, ready, cordoned, taints, message }: NodeFact, kubeletPort: number): KubernetesObject {
  return {
    apiVersion: "v1",
    kind: "Node",
    metadata: { name },
    spec: { unschedulable: cordoned, taints: taints.map(taintObject) },
    status: {
      addresses: [{ type: "InternalIP", address: "127.0.0.1" }],
      daemonEndpoints: { kubeletEndpoint: { Port: kubeletPort } },
      conditions: [{ type: "Ready", status: ready ? "True" : "Unknown", message }],
    },
  };
}

function taintObject(taint: string): object {
  const [, key = "", value, effect = ""] = /^([^=:]+)(?:=([^:]*))?:(.+)$/.exec(taint) ?? [];
  return { key, effect, ...(value === undefined ? {} : { value }) };
}
