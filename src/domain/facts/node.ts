import { z } from "zod";
import { resourceListSchema } from "../capacity/resources.ts";
import { taintSchema } from "../capacity/selectors.ts";

/** One node, as far as an installation depends on it. */
export const nodeFactSchema = z.object({
  name: z.string(),
  labels: z.record(z.string(), z.string()),
  taints: z.array(taintSchema),
  /** Cordoned: `kubectl cordon`. */
  unschedulable: z.boolean(),
  /** Condition type to status: `{ Ready: "True", MemoryPressure: "False" }`; empty for a node without status. */
  conditions: z.record(z.string(), z.string()),
  allocatable: resourceListSchema,
  /** `amd64`, `arm64`; empty when the node does not say. */
  architecture: z.string(),
  os: z.string(),
  /** `containerd://1.6.20` */
  runtime: z.string(),
  kubelet: z.string(),
});

/** One node. */
export type NodeFact = Readonly<z.infer<typeof nodeFactSchema>>;

/** A pod of the release's namespace that runs now; those of the release itself give their room back when it is replaced. */
const namespacePodSchema = z.object({
  name: z.string(),
  node: z.string(),
  labels: z.record(z.string(), z.string()),
  requests: resourceListSchema,
});

/** What the running pods of the whole cluster hold. Finished pods hold nothing. */
export const podUseSchema = z.object({
  /** Requests and number of pods by node. */
  nodes: z.record(z.string(), z.object({ requests: resourceListSchema, pods: z.int().nonnegative() })),
  /** Pods that wait for a node and will compete for the room. */
  waiting: z.object({ requests: resourceListSchema, pods: z.int().nonnegative() }),
  /** Pods of the namespace looked at. */
  namespace: z.array(namespacePodSchema),
  /** Distinct images that run, without tag or digest: what a cluster is made of (network plugin, provisioners). */
  images: z.array(z.string()),
});

/** What running pods hold. */
export type PodUse = Readonly<z.infer<typeof podUseSchema>>;
