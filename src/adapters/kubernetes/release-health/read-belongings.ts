import { z } from "zod";
import type { Belonging } from "../../../domain/doctor/belonging.ts";
import type { Reading } from "../../../domain/reading.ts";
import type { ReleaseScope } from "../../../ports/cluster-workloads.ts";
import type { ApiClient } from "../api-client.ts";
import { reading } from "../api-errors.ts";
import { condition, many, metadata } from "../workloads/shapes.ts";

/** Where each kind is listed. */
const collections: readonly (readonly [Belonging["kind"], (namespace: string) => string])[] = [
  ["Pod", (namespace) => `/api/v1/namespaces/${namespace}/pods`],
  ["Job", (namespace) => `/apis/batch/v1/namespaces/${namespace}/jobs`],
  ["ConfigMap", (namespace) => `/api/v1/namespaces/${namespace}/configmaps`],
  ["PersistentVolumeClaim", (namespace) => `/api/v1/namespaces/${namespace}/persistentvolumeclaims`],
];

const [instance, manager] = ["app.kubernetes.io/instance", "app.kubernetes.io/managed-by"] as const;

// What a ConfigMap holds is dropped at the door.
const objectSchema = z.object({
  metadata,
  spec: z.object({ activeDeadlineSeconds: z.number().nullish() }).nullish(),
  status: z.object({ phase: z.string().nullish(), conditions: many(condition) }).nullish(),
});
type Found = z.infer<typeof objectSchema>;

/** Objects with the release's label, and those of migratectl in its namespace that are of no other release. */
export function readBelongings(
  api: ApiClient,
  { release, namespace }: ReleaseScope,
  signal: AbortSignal,
): Promise<Reading<readonly Belonging[]>> {
  const selectors = [`${instance}=${release}`, `${manager}=migratectl,!${instance}`];
  return reading("list", "pods, jobs.batch, configmaps, persistentvolumeclaims", async () => {
    const all = await Promise.all(
      collections.flatMap(([kind, path]) =>
        selectors.map(async (labelSelector) => {
          const found: Belonging[] = [];
          for await (const item of api.list(path(namespace), objectSchema, signal, { labelSelector })) found.push(belonging(kind, item));
          return found;
        }),
      ),
    );
    return all.flat();
  });
}

function belonging(kind: Belonging["kind"], { metadata: meta, spec, status }: Found): Belonging {
  const createdAt = meta.creationTimestamp ?? new Date(0);
  const seconds = spec?.activeDeadlineSeconds;
  return {
    kind,
    name: meta.name,
    uid: meta.uid,
    createdAt,
    managedBy: meta.labels[manager] ?? "",
    owned: meta.ownerReferences.length > 0,
    ...(seconds == null ? {} : { endsBy: new Date(createdAt.getTime() + seconds * 1000) }),
    ended: hasEnded(kind, status),
  };
}

function hasEnded(kind: Belonging["kind"], status: Found["status"]): boolean {
  if (kind === "Pod") return status?.phase === "Succeeded" || status?.phase === "Failed";
  return (
    kind === "Job" && (status?.conditions ?? []).some(({ type, status: is }) => (type === "Complete" || type === "Failed") && is === "True")
  );
}
