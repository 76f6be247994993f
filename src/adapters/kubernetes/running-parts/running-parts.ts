import { z } from "zod";
import { type Right, vital } from "../../../domain/facts/rights.ts";
import type { ReleaseScope } from "../../../ports/cluster-workloads.ts";
import type { RunningPart, RunningParts } from "../../../ports/running-parts.ts";
import type { ApiClient } from "../api-client.ts";
import { telling } from "../api-errors.ts";

const service = "take the platform out of service for a restore, and back";

/** The rights that each method uses. */
export const runningPartsRights: Readonly<Record<keyof RunningParts, readonly Right[]>> = {
  parts: vital(service, "list deployments.apps", "list statefulsets.apps"),
  schedules: vital(service, "list cronjobs.batch"),
  pods: vital(service, "list pods"),
  scale: vital(service, "patch deployments.apps/scale", "patch statefulsets.apps/scale"),
  suspend: vital(service, "patch cronjobs.batch"),
  entrances: vital(service, "get deployments.apps", "get services"),
  lead: vital(service, "patch services"),
  // Only where the cluster has KEDA: everybody may ask whether an API is served.
  scalers: vital(service, "list scaledobjects.keda.sh"),
  pauseScaler: vital(service, "patch scaledobjects.keda.sh"),
};

const componentLabel = "app.kubernetes.io/component";
const metadata = z.object({
  name: z.string(),
  labels: z.record(z.string(), z.string()).default({}),
  deletionTimestamp: z.string().nullish(),
});
const workloadSchema = z.object({ metadata, spec: z.object({ replicas: z.int().default(1) }) });
const cronJobSchema = z.object({ metadata, spec: z.object({ suspend: z.boolean().nullish() }) });
const podSchema = z.object({
  metadata,
  status: z.object({ conditions: z.array(z.object({ type: z.string(), status: z.string() })).default([]) }).default({ conditions: [] }),
});

/** Where KEDA keeps its scalers, and the annotation that holds one at so many pods. */
const [keda, pausedAt] = ["/apis/keda.sh/v1alpha1", "autoscaling.keda.sh/paused-replicas"];
const scalerSchema = z.object({ metadata: z.object({ name: z.string(), annotations: z.record(z.string(), z.string()).default({}) }) });

/** Services by which people come in, the one of the maintenance page first, and the name of that page's port. */
const [frontDoors, maintenancePort] = [["frontend", "backend"], "maintenance"] as const;
const frontendSchema = z.object({
  spec: z.object({
    template: z.object({
      spec: z.object({ containers: z.array(z.object({ ports: z.array(z.object({ name: z.string().default("") })).default([]) })) }),
    }),
  }),
});
const serviceSchema = z.object({
  spec: z.object({
    selector: z.record(z.string(), z.string()).default({}),
    ports: z.array(z.object({ targetPort: z.union([z.string(), z.int()]) })).min(1),
  }),
});

const plurals: Readonly<Record<RunningPart["kind"], string>> = { Deployment: "deployments", StatefulSet: "statefulsets" };

/** The scalable parts of a release, through the API server. */
export function createRunningParts(client: ApiClient): RunningParts {
  const list = async <T>(path: string, schema: z.ZodType<T>, { release }: ReleaseScope, signal: AbortSignal): Promise<readonly T[]> => {
    const found: T[] = [];
    const labelSelector = `app.kubernetes.io/instance=${release}`;
    for await (const item of client.list(path, schema, signal, { labelSelector })) found.push(item);
    return found;
  };
  const workloads = async (kind: RunningPart["kind"], scope: ReleaseScope, signal: AbortSignal): Promise<readonly RunningPart[]> => {
    const items = await list(`/apis/apps/v1/namespaces/${scope.namespace}/${plurals[kind]}`, workloadSchema, scope, signal);
    return items.map((item) => ({
      kind,
      name: item.metadata.name,
      component: item.metadata.labels[componentLabel] ?? "",
      replicas: item.spec.replicas,
    }));
  };
  return {
    parts: (scope, signal) =>
      telling("listing the release's workloads", async () =>
        (await Promise.all([workloads("Deployment", scope, signal), workloads("StatefulSet", scope, signal)])).flat(),
      ),
    schedules: (scope, signal) =>
      telling("listing the release's CronJobs", async () => {
        const items = await list(`/apis/batch/v1/namespaces/${scope.namespace}/cronjobs`, cronJobSchema, scope, signal);
        return items.map((item) => ({ name: item.metadata.name, suspended: item.spec.suspend === true }));
      }),
    pods: (scope, signal) =>
      telling("listing the release's pods", async () => {
        const items = await list(`/api/v1/namespaces/${scope.namespace}/pods`, podSchema, scope, signal);
        return items.map((item) => ({
          name: item.metadata.name,
          component: item.metadata.labels[componentLabel] ?? "",
          ready: item.status.conditions.some(({ type, status }) => type === "Ready" && status === "True"),
          ending: item.metadata.deletionTimestamp != null,
        }));
      }),
    scale: (namespace, { kind, name }, replicas, signal) =>
      patch(
        client,
        `/apis/apps/v1/namespaces/${namespace}/${plurals[kind]}/${name}/scale`,
        { spec: { replicas } },
        `scaling ${kind}/${name}`,
        signal,
      ),
    scalers: (scope, signal) =>
      telling("listing the release's ScaledObjects", async () => {
        if ((await client.find(keda, z.unknown(), signal)) === undefined) return [];
        const items = await list(`${keda}/namespaces/${scope.namespace}/scaledobjects`, scalerSchema, scope, signal);
        return items.filter((item) => item.metadata.annotations[pausedAt] === undefined).map((item) => item.metadata.name);
      }),
    pauseScaler: (namespace, scaler, paused, signal) =>
      patch(
        client,
        `${keda}/namespaces/${namespace}/scaledobjects/${scaler}`,
        { metadata: { annotations: { [pausedAt]: paused ? "0" : null } } },
        `${paused ? "pausing" : "resuming"} ScaledObject/${scaler}`,
        signal,
      ),
    entrances: ({ namespace }, signal) =>
      telling("looking at the Services of frontend and backend", async () => {
        const [frontend, ...services] = await Promise.all([
          client.find(`/apis/apps/v1/namespaces/${namespace}/deployments/${frontDoors[0]}`, frontendSchema, signal),
          ...frontDoors.map(async (name) => client.find(`/api/v1/namespaces/${namespace}/services/${name}`, serviceSchema, signal)),
        ]);
        const ports = frontend?.spec.template.spec.containers.flatMap((container) => container.ports) ?? [];
        if (!ports.some(({ name }) => name === maintenancePort)) return [];
        return services.flatMap((found, index) => {
          const [name, port] = [frontDoors[index], found?.spec.ports[0]];
          if (name === undefined || found === undefined || port === undefined) return [];
          return [{ service: name, selector: found.spec.selector, targetPort: port.targetPort }];
        });
      }),
    lead: (namespace, { service: name, selector, targetPort }, signal) =>
      telling(`letting Service/${name} lead to ${targetPort}`, async () => {
        const body = [
          { op: "replace", path: "/spec/selector", value: selector },
          { op: "replace", path: "/spec/ports/0/targetPort", value: targetPort },
        ];
        const path = `/api/v1/namespaces/${namespace}/services/${name}`;
        await client.text({ method: "PATCH", path, body, contentType: "application/json-patch+json", signal, repeatable: true });
      }),
    suspend: (namespace, cronJob, suspended, signal) =>
      patch(
        client,
        `/apis/batch/v1/namespaces/${namespace}/cronjobs/${cronJob}`,
        { spec: { suspend: suspended } },
        `${suspended ? "suspending" : "resuming"} CronJob/${cronJob}`,
        signal,
      ),
  };
}

async function patch(client: ApiClient, path: string, body: object, doing: string, signal: AbortSignal): Promise<void> {
  await telling(doing, async () => {
    await client.text({ method: "PATCH", path, body, contentType: "application/merge-patch+json", signal, repeatable: true });
  });
}
