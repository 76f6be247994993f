import { assertNever } from "../../../../src/domain/assert-never.ts";
import type { Workload } from "../../../../src/domain/rollout/workload.ts";
import type { ReleaseScope } from "../../../../src/ports/cluster-workloads.ts";
import { controlledBy, type KubernetesObject, labelsOf } from "./object.ts";

/** A workload as its controller would have left it, with the ReplicaSets of a Deployment. */
export function workloadObjects({ release, namespace }: ReleaseScope, workload: Workload): readonly KubernetesObject[] {
  const { kind, name, component, version, replicaSets } = workload;
  const labels = labelsOf(release, component, version);
  const metadata = { name, namespace, labels };
  const selector = { matchLabels: { workload: name } };
  const template = {
    metadata: { labels: selector.matchLabels },
    spec: { containers: [{ name: "main", image: "registry.example/main:1" }] },
  };
  switch (kind) {
    case "Deployment":
      return [
        { apiVersion: "apps/v1", kind, metadata, spec: { replicas: workload.wanted, selector, template }, status: counts(workload) },
        ...replicaSets.map((set) => ({
          apiVersion: "apps/v1",
          kind: "ReplicaSet",
          metadata: { name: set, namespace, labels, ownerReferences: controlledBy("apps/v1", "Deployment", name) },
          spec: { replicas: 0, selector, template },
        })),
      ];
    case "StatefulSet":
      return [
        {
          apiVersion: "apps/v1",
          kind,
          metadata,
          spec: { replicas: workload.wanted, serviceName: name, selector, template },
          status: {
            ...counts(workload),
            currentRevision: "r1",
            updateRevision: workload.updated === workload.existing ? "r1" : "r2",
          },
        },
      ];
    case "Job":
      return [jobObject(workload, metadata, template)];
    default:
      return assertNever(kind);
  }
}

function counts({ observedGeneration, existing, updated, ready, available, conditions }: Workload): object {
  return {
    observedGeneration,
    replicas: existing,
    updatedReplicas: updated,
    readyReplicas: ready,
    availableReplicas: available,
    conditions: conditions.map(conditionObject),
  };
}

function jobObject(workload: Workload, metadata: KubernetesObject["metadata"], template: { readonly spec: object }): KubernetesObject {
  const { wanted, existing, ready, conditions, cronJob } = workload;
  const has = (type: string) => conditions.some((one) => one.type === type && one.status === "True");
  const others = existing - ready;
  return {
    apiVersion: "batch/v1",
    kind: "Job",
    metadata: { ...metadata, ...(cronJob === undefined ? {} : { ownerReferences: controlledBy("batch/v1", "CronJob", cronJob) }) },
    spec: { completions: wanted, template: { spec: { ...template.spec, restartPolicy: "Never" } } },
    status: {
      startTime: "2026-03-01T11:00:00Z",
      ...(has("Complete") ? { completionTime: "2026-03-01T11:05:00Z" } : {}),
      succeeded: ready,
      ...(has("Failed") ? { failed: others } : { active: others }),
      conditions: conditions.map(conditionObject),
    },
  };
}

/** A condition as its controller writes it. */
export function conditionObject({ type, status, reason, message, since }: Workload["conditions"][number]): object {
  return { type, status, reason, message, ...(since === undefined ? {} : { lastTransitionTime: since.toISOString() }) };
}
