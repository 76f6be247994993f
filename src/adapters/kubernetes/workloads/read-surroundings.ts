import { z } from "zod";
import type { Claim, ClusterEvent, NodeFact, StorageClassFact } from "../../../domain/rollout/workload.ts";
import { condition, many, metadata, stringMap, time } from "./shapes.ts";

/** An event as the core/v1 API tells it. Series count elsewhere than single events do, and their time too. */
export const eventSchema = z.object({
  metadata: z.object({ creationTimestamp: time }),
  involvedObject: z.object({ kind: z.string().default(""), name: z.string().default(""), fieldPath: z.string().nullish() }),
  type: z.string().nullish(),
  reason: z.string().nullish(),
  message: z.string().nullish(),
  count: z.number().nullish(),
  lastTimestamp: time,
  eventTime: time,
  series: z.object({ count: z.number().nullish(), lastObservedTime: time }).nullish(),
});

/** The event in the domain's words; the container is in the field path `spec.containers{name}`. */
export function fromEvent(event: z.infer<typeof eventSchema>): ClusterEvent {
  const container = /\{([^}]+)\}/.exec(event.involvedObject.fieldPath ?? "")?.[1];
  return {
    object: { kind: event.involvedObject.kind, name: event.involvedObject.name, ...(container === undefined ? {} : { container }) },
    type: event.type ?? "Normal",
    reason: event.reason ?? "",
    message: event.message ?? "",
    count: event.series?.count ?? event.count ?? 1,
    at: event.series?.lastObservedTime ?? event.lastTimestamp ?? event.eventTime ?? event.metadata.creationTimestamp ?? new Date(0),
  };
}

/** A claim as far as it is read. */
export const claimSchema = z.object({
  metadata,
  spec: z.object({ storageClassName: z.string().nullish(), resources: z.object({ requests: stringMap }).optional() }),
  status: z.object({ phase: z.enum(["Pending", "Bound", "Lost"]).default("Pending") }).prefault({}),
});

/** The claim in the domain's words. */
export function fromClaim({ metadata: meta, spec, status }: z.infer<typeof claimSchema>): Claim {
  return {
    name: meta.name,
    phase: status.phase,
    ...(spec.storageClassName ? { storageClass: spec.storageClassName } : {}),
    requested: spec.resources?.requests["storage"] ?? "",
    createdAt: meta.creationTimestamp ?? new Date(0),
  };
}

/** A StorageClass as far as it is read. */
export const storageClassSchema = z.object({ metadata, provisioner: z.string(), volumeBindingMode: z.string().nullish() });

/** The class in the domain's words. */
export function fromStorageClass({ metadata: meta, provisioner, volumeBindingMode }: z.infer<typeof storageClassSchema>): StorageClassFact {
  return {
    name: meta.name,
    provisioner,
    isDefault: meta.annotations["storageclass.kubernetes.io/is-default-class"] === "true",
    waitsForConsumer: volumeBindingMode === "WaitForFirstConsumer",
  };
}

/** A node as far as it is read. */
export const nodeSchema = z.object({
  metadata,
  spec: z
    .object({
      unschedulable: z.boolean().nullish(),
      taints: many(z.object({ key: z.string(), value: z.string().nullish(), effect: z.string() })),
    })
    .prefault({}),
  status: z.object({ conditions: many(condition) }).prefault({}),
});

/** The node in the domain's words. */
export function fromNode({ metadata: meta, spec, status }: z.infer<typeof nodeSchema>): NodeFact {
  const ready = status.conditions.find((one) => one.type === "Ready");
  return {
    name: meta.name,
    ready: ready?.status === "True",
    cordoned: spec.unschedulable === true,
    taints: spec.taints.map((taint) => `${taint.key}${taint.value ? `=${taint.value}` : ""}:${taint.effect}`),
    message: ready?.message ?? "",
  };
}
