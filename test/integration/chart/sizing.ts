import { z } from "zod";
import { type Workload, workloads } from "./pods.ts";
import type { KubernetesObject } from "./render.ts";

/** CPU in thousandths of a core and memory in MiB. */
export interface Amount {
  readonly millicores: number;
  readonly mebibytes: number;
}

const nothing: Amount = { millicores: 0, mebibytes: 0 };

/** The sum of amounts. */
const sum = (amounts: readonly Amount[]): Amount =>
  amounts.reduce((a, b) => ({ millicores: a.millicores + b.millicores, mebibytes: a.mebibytes + b.mebibytes }), nothing);

const times = (count: number, amount: Amount): Amount => ({ millicores: count * amount.millicores, mebibytes: count * amount.mebibytes });

function millicores(quantity: string | number | undefined): number {
  const text = String(quantity ?? 0);
  return text.endsWith("m") ? Number(text.slice(0, -1)) : Number(text) * 1000;
}

function mebibytes(quantity: string | number | undefined): number {
  const text = String(quantity ?? "0Mi");
  const factor = { Mi: 1, Gi: 1024, Ti: 1024 * 1024 }[text.slice(-2)];
  if (factor === undefined) throw new Error(`not a size in Mi, Gi or Ti: ${text}`);
  return Number(text.slice(0, -2)) * factor;
}

/** What one pod of the workload requests, or is limited to. */
function ofPod(which: "requests" | "limits", { template }: Workload): Amount {
  return sum(
    template.spec.containers.map(({ resources }) => ({
      millicores: millicores(resources[which]["cpu"]),
      mebibytes: mebibytes(resources[which]["memory"]),
    })),
  );
}

const podRequests = (one: Workload): Amount => ofPod("requests", one);

const replicasSchema = z.looseObject({
  spec: z.looseObject({
    replicas: z.number().default(1),
    strategy: z.looseObject({ rollingUpdate: z.looseObject({ maxSurge: z.number() }) }).optional(),
  }),
});
const autoscalerSchema = z.looseObject({ spec: z.looseObject({ minReplicas: z.number(), maxReplicas: z.number() }) });
const claimsSchema = z.looseObject({ spec: z.looseObject({ volumeClaimTemplates: z.array(z.unknown()).default([]) }) });
const claimSchema = z.looseObject({
  spec: z.looseObject({ resources: z.looseObject({ requests: z.looseObject({ storage: z.string() }) }) }),
});
const quotaSchema = z.looseObject({ spec: z.looseObject({ hard: z.record(z.string(), z.string()) }) });
const gibibytesOf = (claim: unknown): number => mebibytes(claimSchema.parse(claim).spec.resources.requests.storage) / 1024;

/** Requests of a whole release: at rest, with every Deployment rolling and all Jobs running, scaled out; and its claims in GiB. */
export interface Sizing {
  readonly pods: number;
  readonly rest: Amount;
  readonly rolling: Amount;
  readonly scaledOut: Amount;
  readonly storageGi: number;
  readonly claims: number;
  /** The most that there can be at one moment: scaled out, every Deployment rolling, all Jobs running. */
  readonly most: { readonly pods: number; readonly requests: Amount; readonly limits: Amount };
}

/** What a ResourceQuota's `hard` allows. */
export interface Quota {
  readonly pods: number;
  readonly claims: number;
  readonly storageGi: number;
  readonly requests: Amount;
  readonly limits: Amount;
}

/** Reads the release's ResourceQuota. */
export function quotaOf(objects: readonly KubernetesObject[]): Quota {
  const { spec } = quotaSchema.parse(objects.find(({ kind }) => kind === "ResourceQuota"));
  const { hard } = spec;
  return {
    pods: Number(hard["pods"]),
    claims: Number(hard["persistentvolumeclaims"]),
    storageGi: mebibytes(hard["requests.storage"]) / 1024,
    requests: { millicores: millicores(hard["requests.cpu"]), mebibytes: mebibytes(hard["requests.memory"]) },
    limits: { millicores: millicores(hard["limits.cpu"]), mebibytes: mebibytes(hard["limits.memory"]) },
  };
}

/** Sums what the rendered objects request. */
export function sizing(objects: readonly KubernetesObject[]): Sizing {
  const scalers = new Map(
    objects.filter(({ kind }) => kind === "HorizontalPodAutoscaler").map((one) => [one.metadata.name, autoscalerSchema.parse(one).spec]),
  );
  const all = workloads(objects);
  const lasting = all.filter(({ kind }) => kind === "Deployment" || kind === "StatefulSet");
  const jobs = all.filter(({ kind }) => kind === "Job" || kind === "CronJob");
  const replicas = (one: Workload) => scalers.get(one.name)?.minReplicas ?? replicasSchema.parse(one.object).spec.replicas;
  const most = (one: Workload) => scalers.get(one.name)?.maxReplicas ?? replicas(one);
  const surge = (one: Workload) => replicasSchema.parse(one.object).spec.strategy?.rollingUpdate.maxSurge ?? 0;
  const rest = sum(lasting.map((one) => times(replicas(one), podRequests(one))));
  const sizes = [
    ...objects.filter(({ kind }) => kind === "PersistentVolumeClaim").map(gibibytesOf),
    ...lasting.flatMap((one) =>
      claimsSchema
        .parse(one.object)
        .spec.volumeClaimTemplates.flatMap((claim) => new Array<number>(replicas(one)).fill(gibibytesOf(claim))),
    ),
  ];
  const atOnce = (which: "requests" | "limits") =>
    sum([...lasting.map((one) => times(most(one) + surge(one), ofPod(which, one))), ...jobs.map((one) => ofPod(which, one))]);
  return {
    pods: lasting.reduce((count, one) => count + replicas(one), 0),
    rest,
    rolling: sum([rest, ...lasting.map((one) => times(surge(one), podRequests(one))), ...jobs.map(podRequests)]),
    scaledOut: sum(lasting.map((one) => times(most(one), podRequests(one)))),
    storageGi: sizes.reduce((total, size) => total + size, 0),
    claims: sizes.length,
    most: {
      pods: lasting.reduce((count, one) => count + most(one) + surge(one), jobs.length),
      requests: atOnce("requests"),
      limits: atOnce("limits"),
    },
  };
}
