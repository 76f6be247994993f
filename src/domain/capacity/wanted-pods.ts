import { z } from "zod";
import type { ManifestObject } from "../manifest/objects.ts";
import { apisOf, type UsedApi } from "../upgrade/removed-apis.ts";
import { type PodSpec, podSpecSchema } from "./pod-spec.ts";

/** One pod that the release will run, as its controller would make it. */
export interface WantedPod {
  /** `backend-1`: unique, stable, for people. */
  readonly name: string;
  /** `Deployment/backend` */
  readonly owner: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly spec: PodSpec;
  /** `steady` pods run all the time; `passing` ones come and go (Jobs, CronJobs) and need room one at a time. */
  readonly life: "steady" | "passing";
}

/** One claim that the release will make. */
export interface WantedClaim {
  readonly name: string;
  /** As written: `200Gi`. */
  readonly size: string;
  /** Absent: the cluster's default class. */
  readonly className?: string;
  readonly accessModes: readonly string[];
}

/** What the rendered manifests will run and claim. */
export interface Wanted {
  readonly pods: readonly WantedPod[];
  readonly claims: readonly WantedClaim[];
  /** The APIs that they are written in. */
  readonly apis: readonly UsedApi[];
}

const templateSchema = z.object({
  metadata: z.object({ labels: z.record(z.string(), z.string()).nullish() }).nullish(),
  spec: podSpecSchema,
});

const claimSpecSchema = z.object({
  storageClassName: z.string().nullish(),
  accessModes: z.array(z.string()).default(["ReadWriteOnce"]),
  resources: z.object({ requests: z.object({ storage: z.union([z.string(), z.number()]).transform(String) }) }),
});

const metadataSchema = z.object({ name: z.string(), labels: z.record(z.string(), z.string()).nullish() });
const job = z.object({ parallelism: z.int().optional(), template: templateSchema });

const workloadSchema = z.discriminatedUnion("kind", [
  z.object({
    kind: z.literal("Deployment"),
    metadata: metadataSchema,
    spec: z.object({ replicas: z.int().nullish(), template: templateSchema }),
  }),
  z.object({
    kind: z.literal("StatefulSet"),
    metadata: metadataSchema,
    spec: z.object({
      replicas: z.int().nullish(),
      template: templateSchema,
      volumeClaimTemplates: z.array(z.object({ metadata: metadataSchema, spec: claimSpecSchema })).nullish(),
    }),
  }),
  z.object({ kind: z.literal("Job"), metadata: metadataSchema, spec: job }),
  z.object({ kind: z.literal("CronJob"), metadata: metadataSchema, spec: z.object({ jobTemplate: z.object({ spec: job }) }) }),
  z.object({ kind: z.literal("Pod"), metadata: metadataSchema, spec: podSpecSchema }),
  z.object({ kind: z.literal("PersistentVolumeClaim"), metadata: metadataSchema, spec: claimSpecSchema }),
]);

type Workload = z.infer<typeof workloadSchema>;

const scalerSchema = z.object({
  kind: z.enum(["HorizontalPodAutoscaler", "ScaledObject"]),
  spec: z.object({
    scaleTargetRef: z.object({ kind: z.string().default("Deployment"), name: z.string() }),
    minReplicas: z.int().optional(),
    minReplicaCount: z.int().optional(),
  }),
});

const kinds = new Set(["Deployment", "StatefulSet", "Job", "CronJob", "Pod", "PersistentVolumeClaim"]);

/**
 * The pods and claims that rendered objects lead to; objects of other kinds are passed over.
 * @throws z.ZodError for a workload that Kubernetes would not take either
 */
export function wantedFrom(objects: readonly ManifestObject[]): Wanted {
  const minimum = scalerMinimums(objects);
  const workloads = objects.filter((object) => kinds.has(kindOf(object))).map((object) => workloadSchema.parse(object));
  return {
    pods: workloads.flatMap((workload) => podsOf(workload, minimum.get(`${workload.kind}/${workload.metadata.name}`) ?? 0)),
    claims: workloads.flatMap(claimsOf),
    apis: apisOf(objects),
  };
}

function kindOf(object: unknown): string {
  return typeof object === "object" && object !== null && "kind" in object && typeof object.kind === "string" ? object.kind : "";
}

/** An autoscaler never lets its target below its minimum, whatever the target's own replicas say. */
function scalerMinimums(objects: readonly unknown[]): ReadonlyMap<string, number> {
  const scalers = objects.map((object) => scalerSchema.safeParse(object)).flatMap(({ data }) => (data === undefined ? [] : [data]));
  return new Map(
    scalers.map(({ kind, spec }) => [
      `${spec.scaleTargetRef.kind}/${spec.scaleTargetRef.name}`,
      kind === "ScaledObject" ? (spec.minReplicaCount ?? 0) : (spec.minReplicas ?? 1),
    ]),
  );
}

function podsOf(workload: Workload, minimum: number): readonly WantedPod[] {
  const { metadata } = workload;
  switch (workload.kind) {
    case "Deployment":
    case "StatefulSet":
      return replicas(workload, workload.spec.template, Math.max(workload.spec.replicas ?? 1, minimum), "steady");
    case "Job":
      return replicas(workload, workload.spec.template, workload.spec.parallelism ?? 1, "passing");
    case "CronJob":
      return replicas(workload, workload.spec.jobTemplate.spec.template, 1, "passing");
    case "Pod":
      return [{ name: metadata.name, owner: `Pod/${metadata.name}`, labels: metadata.labels ?? {}, spec: workload.spec, life: "passing" }];
    case "PersistentVolumeClaim":
      return [];
  }
}

function replicas(
  { kind, metadata }: Workload,
  template: z.infer<typeof templateSchema>,
  count: number,
  life: WantedPod["life"],
): readonly WantedPod[] {
  return Array.from({ length: count }, (_, index) => ({
    name: count === 1 ? metadata.name : `${metadata.name}-${index}`,
    owner: `${kind}/${metadata.name}`,
    labels: template.metadata?.labels ?? {},
    spec: template.spec,
    life,
  }));
}

function claimsOf(workload: Workload): readonly WantedClaim[] {
  if (workload.kind === "PersistentVolumeClaim") return [claim(workload.metadata.name, workload.spec)];
  if (workload.kind !== "StatefulSet") return [];
  const { replicas: count, volumeClaimTemplates } = workload.spec;
  return (volumeClaimTemplates ?? []).flatMap(({ metadata, spec }) =>
    Array.from({ length: count ?? 1 }, (_, index) => claim(`${metadata.name}-${workload.metadata.name}-${index}`, spec)),
  );
}

function claim(name: string, spec: z.infer<typeof claimSpecSchema>): WantedClaim {
  const className = spec.storageClassName ?? "";
  return { name, size: spec.resources.requests.storage, accessModes: spec.accessModes, ...(className === "" ? {} : { className }) };
}
