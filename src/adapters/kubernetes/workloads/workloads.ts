import type { z } from "zod";
import { known } from "../../../domain/reading.ts";
import type { LogSource, RolloutFacts } from "../../../domain/rollout/workload.ts";
import type { ClusterWorkloads } from "../../../ports/cluster-workloads.ts";
import type { ApiClient } from "../api-client.ts";
import { ApiStatusError, problemOf, reading } from "../api-errors.ts";
import { readEntryPoints } from "../entry-points/read-entry-points.ts";
import { publicCertificate } from "./read-certificate.ts";
import { autoscalerSchema, cronJobSchema, fromAutoscaler, fromCronJob, fromService, serviceSchema } from "./read-endpoints.ts";
import { fromHelmSecret, newestRecord } from "./read-helm.ts";
import { fromPod, podSchema } from "./read-pod.ts";
import {
  claimSchema,
  eventSchema,
  fromClaim,
  fromEvent,
  fromNode,
  fromStorageClass,
  nodeSchema,
  storageClassSchema,
} from "./read-surroundings.ts";
import {
  deploymentSchema,
  fromDeployment,
  fromJob,
  fromStatefulSet,
  jobSchema,
  replicaSetSchema,
  statefulSetSchema,
} from "./read-workload.ts";
import { controllerOf } from "./shapes.ts";
import { watchRelease } from "./watch.ts";

/** Reads the release's workloads over the Kubernetes API. `now` stamps the facts; events and ages are judged against it. */
export function createWorkloads(api: ApiClient, now: () => Date): ClusterWorkloads {
  const list = async <T>(path: string, schema: z.ZodType<T>, signal: AbortSignal, labelSelector?: string): Promise<readonly T[]> => {
    const items: T[] = [];
    for await (const item of api.list(path, schema, signal, labelSelector === undefined ? {} : { labelSelector })) items.push(item);
    return items;
  };
  const read = <A, B>(
    resource: string,
    path: string,
    schema: z.ZodType<A>,
    map: (item: A) => B | readonly B[],
    signal: AbortSignal,
    labelSelector?: string,
  ) =>
    reading("list", resource, async () =>
      (await list(path, schema, signal, labelSelector)).flatMap((item): readonly B[] => [map(item)].flat() as B[]),
    );

  return {
    async rollout({ release, namespace }, signal): Promise<RolloutFacts> {
      const selector = `app.kubernetes.io/instance=${release}`;
      const apps = `/apis/apps/v1/namespaces/${namespace}`;
      const core = `/api/v1/namespaces/${namespace}`;
      const own = <T>(path: string, schema: z.ZodType<T>) =>
        must(`reading ${path.split("/").at(-1)} in ${namespace}`, list(path, schema, signal, selector));
      const [deployments, replicaSets, statefulSets, jobs, pods, events, claims, storageClasses, nodes] = await Promise.all([
        own(`${apps}/deployments`, deploymentSchema),
        own(`${apps}/replicasets`, replicaSetSchema),
        own(`${apps}/statefulsets`, statefulSetSchema),
        own(`/apis/batch/v1/namespaces/${namespace}/jobs`, jobSchema),
        own(`${core}/pods`, podSchema),
        read("events", `${core}/events`, eventSchema, fromEvent, signal),
        // Claims of StatefulSets do not carry every label of the release: all of the namespace are read, the pods name theirs.
        read("persistentvolumeclaims", `${core}/persistentvolumeclaims`, claimSchema, fromClaim, signal),
        read("storageclasses", "/apis/storage.k8s.io/v1/storageclasses", storageClassSchema, fromStorageClass, signal),
        read("nodes", "/api/v1/nodes", nodeSchema, fromNode, signal),
      ]);
      const deploymentOf = new Map(replicaSets.map((one) => [one.metadata.name, controllerOf(one.metadata)?.name]));
      const setsOf = (name: string) => [...deploymentOf].filter(([, deployment]) => deployment === name).map(([set]) => set);
      return {
        at: now(),
        namespace,
        workloads: [
          ...deployments.map((one) => fromDeployment(one, setsOf(one.metadata.name))),
          ...statefulSets.map(fromStatefulSet),
          ...jobs.filter(isOfRelease).map(fromJob),
        ],
        pods: pods.filter(isOfRelease).map((one) => fromPod(one, (set) => deploymentOf.get(set))),
        events: events.kind === "known" ? known(events.value.toSorted((a, b) => a.at.getTime() - b.at.getTime())) : events,
        claims,
        storageClasses,
        nodes,
      };
    },

    watch: (scope, changed, signal) => watchRelease(api, scope, changed, signal),

    logTail(namespace: string, { pod, container, previous }: LogSource, lines: number, signal: AbortSignal) {
      const path = `/api/v1/namespaces/${namespace}/pods/${pod}/log`;
      return reading("get", "pods/log", async () => {
        // limitBytes keeps one endless line from filling memory.
        const text = await api.text({
          method: "GET",
          path,
          query: { container, previous, tailLines: lines, limitBytes: 64 * 1024 },
          signal,
        });
        return text.split("\n").filter((line) => line !== "");
      });
    },

    entryPoints: (scope, signal) => readEntryPoints(api, scope, signal),

    services: ({ release, namespace }, signal) =>
      read(
        "services",
        `/api/v1/namespaces/${namespace}/services`,
        serviceSchema,
        fromService,
        signal,
        `app.kubernetes.io/instance=${release}`,
      ),

    // KEDA's own HPAs need not carry the release's label: all of the namespace are read and matched by what they scale.
    autoscalers: ({ namespace }, signal) =>
      read(
        "horizontalpodautoscalers",
        `/apis/autoscaling/v2/namespaces/${namespace}/horizontalpodautoscalers`,
        autoscalerSchema,
        fromAutoscaler,
        signal,
      ),

    cronJobs: ({ release, namespace }, signal) =>
      read(
        "cronjobs",
        `/apis/batch/v1/namespaces/${namespace}/cronjobs`,
        cronJobSchema,
        fromCronJob,
        signal,
        `app.kubernetes.io/instance=${release}`,
      ),

    certificate: (namespace, secret, signal) =>
      reading("get", `secrets/${secret}`, () => publicCertificate(api, namespace, secret, signal)),

    helmRelease: (scope, signal) =>
      reading("list", "secrets", async () => {
        const record = await newestRecord(api, scope, signal);
        return record === undefined ? undefined : fromHelmSecret(record);
      }),
  };
}

async function must<T>(doing: string, work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    throw error instanceof ApiStatusError ? problemOf(error, doing) : error;
  }
}

/** Jobs and pods that migratectl made to restore, try out or look at a moment come and go: the release is whole without them. */
function isOfRelease({ metadata }: { readonly metadata: { readonly labels: Readonly<Record<string, string>> } }): boolean {
  return metadata.labels["app.kubernetes.io/managed-by"] !== "migratectl";
}
