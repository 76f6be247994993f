import { z } from "zod";
import type { Workload } from "../../../domain/rollout/workload.ts";
import { componentOf, condition, controllerOf, type Metadata, many, metadata } from "./shapes.ts";

const count = z.number().nullish();

/** A Deployment as far as it is read. */
export const deploymentSchema = z.object({
  metadata,
  spec: z.object({ replicas: count }),
  status: z
    .object({
      observedGeneration: count,
      replicas: count,
      updatedReplicas: count,
      readyReplicas: count,
      availableReplicas: count,
      conditions: many(condition),
    })
    .prefault({}),
});

/** A StatefulSet as far as it is read. */
export const statefulSetSchema = z.object({
  metadata,
  spec: z.object({
    replicas: count,
    updateStrategy: z.object({ type: z.string().optional(), rollingUpdate: z.object({ partition: count }).nullish() }).optional(),
  }),
  status: z
    .object({
      observedGeneration: count,
      replicas: count,
      updatedReplicas: count,
      readyReplicas: count,
      availableReplicas: count,
      currentRevision: z.string().optional(),
      updateRevision: z.string().optional(),
      conditions: many(condition),
    })
    .prefault({}),
});

/** A Job as far as it is read. */
export const jobSchema = z.object({
  metadata,
  spec: z.object({ completions: count, parallelism: count, suspend: z.boolean().nullish() }),
  status: z.object({ active: count, succeeded: count, failed: count, conditions: many(condition) }).prefault({}),
});

/** A ReplicaSet: only whose it is. */
export const replicaSetSchema = z.object({ metadata });

/** The Deployment in the domain's words. */
export function fromDeployment(
  { metadata: meta, spec, status }: z.infer<typeof deploymentSchema>,
  replicaSets: readonly string[],
): Workload {
  return {
    kind: "Deployment",
    ...identity(meta),
    wanted: spec.replicas ?? 1,
    existing: status.replicas ?? 0,
    updated: status.updatedReplicas ?? 0,
    ready: status.readyReplicas ?? 0,
    available: status.availableReplicas ?? 0,
    generation: meta.generation,
    observedGeneration: status.observedGeneration ?? 0,
    replicaSets,
    conditions: status.conditions,
  };
}

/** The StatefulSet in the domain's words. With one revision everywhere the API leaves updatedReplicas out on some versions. */
export function fromStatefulSet({ metadata: meta, spec, status }: z.infer<typeof statefulSetSchema>): Workload {
  const wanted = spec.replicas ?? 1;
  const oneRevision = status.currentRevision !== undefined && status.currentRevision === status.updateRevision;
  const heldBack = spec.updateStrategy?.type === "OnDelete" || (spec.updateStrategy?.rollingUpdate?.partition ?? 0) > 0;
  return {
    kind: "StatefulSet",
    ...identity(meta),
    wanted,
    existing: status.replicas ?? 0,
    updated: oneRevision || heldBack ? (status.replicas ?? 0) : (status.updatedReplicas ?? 0),
    ready: status.readyReplicas ?? 0,
    available: status.availableReplicas ?? status.readyReplicas ?? 0,
    generation: meta.generation,
    observedGeneration: status.observedGeneration ?? 0,
    replicaSets: [],
    conditions: status.conditions,
  };
}

/** The Job in the domain's words. */
export function fromJob({ metadata: meta, spec, status }: z.infer<typeof jobSchema>): Workload {
  const owner = controllerOf(meta);
  const succeeded = status.succeeded ?? 0;
  const existing = (status.active ?? 0) + succeeded + (status.failed ?? 0);
  return {
    kind: "Job",
    ...identity(meta),
    wanted: spec.completions ?? 1,
    existing,
    updated: existing,
    ready: succeeded,
    available: succeeded,
    generation: meta.generation,
    observedGeneration: meta.generation,
    replicaSets: [],
    ...(owner?.kind === "CronJob" ? { cronJob: owner.name } : {}),
    conditions: status.conditions,
  };
}

function identity(meta: Metadata): Pick<Workload, "name" | "component" | "createdAt" | "version"> {
  const version = meta.labels["app.kubernetes.io/version"];
  return {
    name: meta.name,
    component: componentOf(meta),
    createdAt: meta.creationTimestamp ?? new Date(0),
    ...(version === undefined ? {} : { version }),
  };
}
