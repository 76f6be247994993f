import { z } from "zod";
import { podRequests } from "../../../domain/capacity/pod-requests.ts";
import { podSpecSchema } from "../../../domain/capacity/pod-spec.ts";
import { formatResources } from "../../../domain/capacity/resources.ts";
import type { Container, ContainerPhase, Pod, Termination } from "../../../domain/rollout/workload.ts";
import { componentOf, condition, controllerOf, many, metadata, time } from "./shapes.ts";

const terminated = z.object({
  exitCode: z.number(),
  signal: z.number().nullish(),
  reason: z.string().nullish(),
  message: z.string().nullish(),
  finishedAt: time,
});

const state = z
  .object({
    waiting: z.object({ reason: z.string().nullish(), message: z.string().nullish() }).nullish(),
    running: z.object({ startedAt: time }).nullish(),
    terminated: terminated.nullish(),
  })
  .nullish();

const containerStatus = z.object({
  name: z.string(),
  ready: z.boolean(),
  restartCount: z.number(),
  imageID: z.string().default(""),
  state,
  lastState: state,
});
const podSpec = podSpecSchema.pick({
  containers: true,
  initContainers: true,
  resources: true,
  overhead: true,
  nodeName: true,
  nodeSelector: true,
});
type ContainerSpec = z.infer<typeof podSpec>["containers"][number];

const volume = z.object({
  name: z.string(),
  persistentVolumeClaim: z.object({ claimName: z.string() }).nullish(),
  secret: z.object({ secretName: z.string(), optional: z.boolean().nullish() }).nullish(),
  configMap: z.object({ name: z.string(), optional: z.boolean().nullish() }).nullish(),
});

/** A pod as far as it is read. */
export const podSchema = z.object({
  metadata,
  spec: podSpec.extend({
    imagePullSecrets: many(z.object({ name: z.string().default("") })),
    volumes: many(volume),
  }),
  status: z
    .object({
      phase: z.enum(["Pending", "Running", "Succeeded", "Failed", "Unknown"]).default("Pending"),
      reason: z.string().nullish(),
      message: z.string().nullish(),
      podIP: z.string().nullish(),
      conditions: many(condition),
      containerStatuses: many(containerStatus),
      initContainerStatuses: many(containerStatus),
    })
    .prefault({}),
});

/** The pod in the domain's words; `deploymentOf` gives the Deployment of a ReplicaSet. */
export function fromPod(
  { metadata: meta, spec, status }: z.infer<typeof podSchema>,
  deploymentOf: (replicaSet: string) => string | undefined,
): Pod {
  const { volumes, imagePullSecrets, ...demand } = spec;
  const owner = controllerOf(meta);
  const deployment = owner?.kind === "ReplicaSet" ? deploymentOf(owner.name) : undefined;
  const statuses = new Map([...status.initContainerStatuses, ...status.containerStatuses].map((one) => [one.name, one]));
  return {
    name: meta.name,
    component: componentOf(meta),
    ...(owner === undefined ? {} : { owner: deployment === undefined ? owner : { kind: "Deployment", name: deployment } }),
    createdAt: meta.creationTimestamp ?? new Date(0),
    deleting: meta.deletionTimestamp !== undefined,
    phase: status.phase,
    reason: status.reason ?? "",
    message: status.message ?? "",
    ready: status.conditions.some((one) => one.type === "Ready" && one.status === "True"),
    ...(spec.nodeName ? { node: spec.nodeName } : {}),
    ...(status.podIP ? { ip: status.podIP } : {}),
    conditions: status.conditions,
    containers: [
      ...(spec.initContainers ?? []).map((one) =>
        container(one, one.restartPolicy === "Always" ? "sidecar" : "init", statuses.get(one.name)),
      ),
      ...spec.containers.map((one) => container(one, "main", statuses.get(one.name))),
    ],
    requests: formatResources(podRequests(demand)),
    nodeSelector: spec.nodeSelector ?? {},
    claims: volumes.flatMap((one) => one.persistentVolumeClaim?.claimName ?? []),
    configVolumes: volumes.flatMap(({ name, secret, configMap }) => [
      ...(secret ? [{ volume: name, object: "Secret" as const, name: secret.secretName, ...optional(secret) }] : []),
      ...(configMap ? [{ volume: name, object: "ConfigMap" as const, name: configMap.name, ...optional(configMap) }] : []),
    ]),
    pullSecrets: imagePullSecrets.map((one) => one.name),
  };
}

function optional(source: { readonly optional?: boolean | null | undefined }): { readonly optional?: true } {
  return source.optional === true ? { optional: true } : {};
}

function container(spec: ContainerSpec, role: Container["role"], status: z.infer<typeof containerStatus> | undefined): Container {
  const last = status?.lastState?.terminated;
  const memoryLimit = spec.resources?.limits?.["memory"];
  return {
    name: spec.name,
    role,
    image: spec.image,
    ...(status === undefined || status.imageID === "" ? {} : { imageId: status.imageID }),
    ready: status?.ready ?? false,
    restarts: status?.restartCount ?? 0,
    ...(memoryLimit === undefined ? {} : { memoryLimit }),
    phase: phase(status?.state),
    ...(last === null || last === undefined ? {} : { last: termination(last) }),
  };
}

function phase(from: z.infer<typeof state>): ContainerPhase {
  if (from?.terminated) return { kind: "terminated", ...termination(from.terminated) };
  if (from?.running) return { kind: "running", ...(from.running.startedAt === undefined ? {} : { since: from.running.startedAt }) };
  return { kind: "waiting", reason: from?.waiting?.reason ?? "", message: from?.waiting?.message ?? "" };
}

function termination(from: z.infer<typeof terminated>): Termination {
  return {
    exitCode: from.exitCode,
    ...(from.signal === null || from.signal === undefined ? {} : { signal: from.signal }),
    reason: from.reason ?? "",
    message: from.message ?? "",
    ...(from.finishedAt === undefined ? {} : { finishedAt: from.finishedAt }),
  };
}
