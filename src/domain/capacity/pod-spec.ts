import { z } from "zod";
import { resourceListSchema } from "./resources.ts";
import { labelSelectorSchema, nodeSelectorSchema, tolerationSchema } from "./selectors.ts";

const resourcesSchema = z.object({ requests: resourceListSchema.nullish(), limits: resourceListSchema.nullish() });

const containerSchema = z.object({
  name: z.string(),
  image: z.string().default(""),
  resources: resourcesSchema.nullish(),
  restartPolicy: z.string().optional(),
  ports: z.array(z.object({ hostPort: z.number().optional(), protocol: z.string().optional() })).nullish(),
});

const affinityTermSchema = z.object({
  topologyKey: z.string(),
  labelSelector: labelSelectorSchema.optional(),
  namespaces: z.array(z.string()).optional(),
});

const spreadSchema = z.object({
  maxSkew: z.number().int().positive(),
  topologyKey: z.string(),
  whenUnsatisfiable: z.string(),
  labelSelector: labelSelectorSchema.optional(),
});

/** The part of a pod's spec that decides where it may run and what it holds there. */
export const podSpecSchema = z.object({
  containers: z.array(containerSchema),
  initContainers: z.array(containerSchema).nullish(),
  resources: resourcesSchema.nullish(),
  overhead: resourceListSchema.nullish(),
  nodeName: z.string().optional(),
  nodeSelector: z.record(z.string(), z.string()).nullish(),
  tolerations: z.array(tolerationSchema).nullish(),
  affinity: z
    .object({
      nodeAffinity: z.object({ requiredDuringSchedulingIgnoredDuringExecution: nodeSelectorSchema.optional() }).optional(),
      podAffinity: z.object({ requiredDuringSchedulingIgnoredDuringExecution: z.array(affinityTermSchema).optional() }).optional(),
      podAntiAffinity: z.object({ requiredDuringSchedulingIgnoredDuringExecution: z.array(affinityTermSchema).optional() }).optional(),
    })
    .nullish(),
  topologySpreadConstraints: z.array(spreadSchema).nullish(),
  priorityClassName: z.string().optional(),
  volumes: z.array(z.object({ name: z.string(), persistentVolumeClaim: z.object({ claimName: z.string() }).optional() })).nullish(),
});

/** A pod's spec, as far as capacity is concerned. */
export type PodSpec = z.infer<typeof podSpecSchema>;
/** One container of it. */
export type Container = z.infer<typeof containerSchema>;
