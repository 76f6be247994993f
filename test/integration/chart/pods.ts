import { z } from "zod";
import type { KubernetesObject } from "./render.ts";

const securityContextSchema = z.looseObject({
  runAsNonRoot: z.boolean().optional(),
  runAsUser: z.number().optional(),
  fsGroup: z.number().optional(),
  privileged: z.boolean().optional(),
  allowPrivilegeEscalation: z.boolean().optional(),
  readOnlyRootFilesystem: z.boolean().optional(),
  seccompProfile: z.looseObject({ type: z.string() }).optional(),
  capabilities: z.looseObject({ drop: z.array(z.string()).default([]), add: z.array(z.string()).default([]) }).optional(),
});

const quantities = z.record(z.string(), z.union([z.string(), z.number()])).default({});

const containerSchema = z.looseObject({
  name: z.string(),
  image: z.string(),
  ports: z.array(z.looseObject({ name: z.string().optional(), containerPort: z.number() })).default([]),
  env: z.array(z.looseObject({ name: z.string(), value: z.string().optional() })).default([]),
  resources: z.looseObject({ requests: quantities, limits: quantities }),
  securityContext: securityContextSchema.default({}),
  volumeMounts: z.array(z.looseObject({ name: z.string(), mountPath: z.string() })).default([]),
  startupProbe: z.unknown().optional(),
  livenessProbe: z.unknown().optional(),
  readinessProbe: z.unknown().optional(),
});

const volumeSchema = z.looseObject({
  name: z.string(),
  secret: z.looseObject({ secretName: z.string(), items: z.array(z.looseObject({ key: z.string() })).default([]) }).optional(),
  configMap: z.looseObject({ name: z.string(), items: z.array(z.looseObject({ key: z.string() })).default([]) }).optional(),
  emptyDir: z.looseObject({}).optional(),
  persistentVolumeClaim: z.looseObject({ claimName: z.string() }).optional(),
});

const podTemplateSchema = z.looseObject({
  metadata: z.looseObject({ labels: z.record(z.string(), z.string()), annotations: z.record(z.string(), z.string()).default({}) }),
  spec: z.looseObject({
    serviceAccountName: z.string(),
    automountServiceAccountToken: z.boolean().optional(),
    securityContext: securityContextSchema,
    containers: z.array(containerSchema),
    initContainers: z.array(containerSchema).default([]),
    volumes: z.array(volumeSchema).default([]),
    priorityClassName: z.string().optional(),
  }),
});

/** A container of a rendered pod. */
export type Container = z.infer<typeof containerSchema>;

/** Template of a pod that some rendered controller makes. */
type PodTemplate = z.infer<typeof podTemplateSchema>;

/** A controller and the pods it makes. */
export interface Workload {
  readonly kind: "Deployment" | "StatefulSet" | "Job" | "CronJob";
  readonly name: string;
  readonly component: string;
  readonly object: KubernetesObject;
  readonly template: PodTemplate;
  /** Names of its volumeClaimTemplates. */
  readonly claims: readonly string[];
}

const controllerSchema = z.looseObject({
  spec: z.looseObject({
    template: z.unknown().optional(),
    jobTemplate: z.looseObject({ spec: z.looseObject({ template: z.unknown().optional() }) }).optional(),
    volumeClaimTemplates: z.array(z.looseObject({ metadata: z.looseObject({ name: z.string() }) })).default([]),
  }),
});

/** Every controller among the objects. */
export function workloads(objects: readonly KubernetesObject[]): readonly Workload[] {
  return objects.flatMap((object) => {
    const { kind } = object;
    if (kind !== "Deployment" && kind !== "StatefulSet" && kind !== "Job" && kind !== "CronJob") return [];
    const { spec } = controllerSchema.parse(object);
    const template = podTemplateSchema.parse(kind === "CronJob" ? spec.jobTemplate?.spec.template : spec.template);
    const component = template.metadata.labels["app.kubernetes.io/component"] ?? "";
    return [
      {
        kind,
        name: object.metadata.name,
        component,
        object,
        template,
        claims: spec.volumeClaimTemplates.map((claim) => claim.metadata.name),
      },
    ];
  });
}

/** The workload of that name. @throws Error when there is none */
export function workload(objects: readonly KubernetesObject[], name: string): Workload {
  const found = workloads(objects).find((one) => one.name === name);
  if (found === undefined) throw new Error(`no workload ${name}`);
  return found;
}

/** What Pod Security *restricted* and the contract of the images find wrong with a pod, one sentence each. */
export function violations({ template: { spec } }: Workload): readonly string[] {
  const pod = spec.securityContext;
  const allowedVolumes = new Set(["name", "secret", "configMap", "emptyDir", "persistentVolumeClaim", "ephemeral"]);
  return [
    ...(pod.runAsNonRoot === true ? [] : ["the pod may run as root"]),
    ...(pod.runAsUser === 0 ? ["the pod runs as user 0"] : []),
    ...(pod.seccompProfile?.type === "RuntimeDefault" ? [] : ["the pod has no seccomp profile"]),
    ...(spec.automountServiceAccountToken === false ? [] : ["the pod mounts a token"]),
    ...["hostNetwork", "hostPID", "hostIPC"].filter((key) => spec[key] !== undefined).map((key) => `the pod has ${key}`),
    ...spec.volumes.flatMap((volume) =>
      Object.keys(volume)
        .filter((key) => !allowedVolumes.has(key))
        .map((key) => `volume ${volume.name} is a ${key}`),
    ),
    ...[...spec.initContainers, ...spec.containers].flatMap((container) => {
      const own = container.securityContext;
      const say = (complaint: string) => `container ${container.name} ${complaint}`;
      return [
        ...(own.allowPrivilegeEscalation === false ? [] : [say("may escalate")]),
        ...(own.readOnlyRootFilesystem === true ? [] : [say("has a writable root")]),
        ...(own.capabilities?.drop.includes("ALL") && own.capabilities.add.length === 0 ? [] : [say("keeps capabilities")]),
        ...(own.privileged === true ? [say("is privileged")] : []),
        ...(own.runAsUser === 0 ? [say("runs as user 0")] : []),
        ...(container.ports.some((port) => port["hostPort"] !== undefined) ? [say("has a host port")] : []),
        ...(container.volumeMounts.some((mount) => mount.mountPath === "/tmp") ? [] : [say("has no /tmp")]),
      ];
    }),
  ];
}
