import { z } from "zod";
import type { ManifestObject } from "../../domain/manifest/objects.ts";

const workloadKinds = ["Deployment", "StatefulSet", "DaemonSet", "Job"] as const;

const workloadSchema = z.looseObject({
  kind: z.enum(workloadKinds),
  metadata: z.looseObject({ name: z.string() }),
  spec: z.looseObject({
    replicas: z.int().optional(),
    volumeClaimTemplates: z
      .array(
        z.looseObject({
          metadata: z.looseObject({ name: z.string() }),
          spec: z.looseObject({ resources: z.looseObject({ requests: z.looseObject({ storage: z.string() }) }) }),
        }),
      )
      .optional(),
  }),
});

const scalerSchema = z.looseObject({
  spec: z.looseObject({ scaleTargetRef: z.looseObject({ name: z.string() }), minReplicas: z.int().default(1), maxReplicas: z.int() }),
});

const scheduleSchema = z.looseObject({
  metadata: z.looseObject({ name: z.string() }),
  spec: z.looseObject({ schedule: z.string(), timeZone: z.string().optional() }),
});

const claimSchema = z.looseObject({
  metadata: z.looseObject({ name: z.string() }),
  spec: z.looseObject({ resources: z.looseObject({ requests: z.looseObject({ storage: z.string() }) }) }),
});

const serviceSchema = z.looseObject({
  metadata: z.looseObject({ name: z.string() }),
  spec: z.looseObject({ ports: z.array(z.looseObject({ port: z.int() })).default([]) }),
});

/** What the client's documents tell about the manifests, in the words of people who operate them. */
export function readInventory(objects: readonly ManifestObject[]) {
  const scalers = collect(objects, ["HorizontalPodAutoscaler"], scalerSchema);
  const workloads = collect(objects, workloadKinds, workloadSchema);
  return {
    workloads: workloads.map(({ kind, metadata, spec }) => {
      const scaler = scalers.find((one) => one.spec.scaleTargetRef.name === metadata.name);
      return {
        kind,
        name: metadata.name,
        replicas: scaler === undefined ? String(spec.replicas ?? 1) : `${scaler.spec.minReplicas} to ${scaler.spec.maxReplicas}`,
      };
    }),
    claims: [
      ...collect(objects, ["PersistentVolumeClaim"], claimSchema).map(({ metadata, spec }) => ({
        name: metadata.name,
        size: spec.resources.requests.storage,
        count: 1,
      })),
      ...workloads.flatMap(({ metadata, spec }) =>
        (spec.volumeClaimTemplates ?? []).map((claim) => ({
          name: `${claim.metadata.name}-${metadata.name}-N`,
          size: claim.spec.resources.requests.storage,
          count: spec.replicas ?? 1,
        })),
      ),
    ],
    schedules: collect(objects, ["CronJob"], scheduleSchema).map(({ metadata, spec }) => ({
      name: metadata.name,
      schedule: spec.schedule,
      timeZone: spec.timeZone ?? "the cluster's time zone",
    })),
    services: collect(objects, ["Service"], serviceSchema).map(({ metadata, spec }) => ({
      name: metadata.name,
      ports: spec.ports.map(({ port }) => port).join(", "),
    })),
    kinds: countKinds(objects),
  };
}

/** The objects of these kinds that have the shape; a schema is tried on its own kinds only, because an object refused costs more than one read. */
function collect<T>(objects: readonly ManifestObject[], kinds: readonly string[], schema: z.ZodType<T>): readonly T[] {
  return objects.flatMap((object) => {
    if (typeof object["kind"] !== "string" || !kinds.includes(object["kind"])) return [];
    const parsed = schema.safeParse(object);
    return parsed.success ? [parsed.data] : [];
  });
}

function countKinds(objects: readonly ManifestObject[]): readonly { readonly kind: string; readonly count: number }[] {
  const counts = new Map<string, number>();
  for (const { kind } of objects) if (typeof kind === "string") counts.set(kind, (counts.get(kind) ?? 0) + 1);
  return [...counts].map(([kind, count]) => ({ kind, count })).sort((a, b) => a.kind.localeCompare(b.kind, "en"));
}
