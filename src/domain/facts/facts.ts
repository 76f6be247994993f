import { z } from "zod";
import { readingSchema } from "../reading.ts";
import { certificateSchema, hostSchema } from "./host.ts";
import { helmRevisionSchema, limitSchema, namespaceSchema, quotaSchema } from "./namespace.ts";
import { nodeFactSchema, podUseSchema } from "./node.ts";
import { rightFactSchema } from "./rights.ts";
import { claimSchema, provisionersSchema, storageCapacitySchema, storageClassSchema, volumeSchema } from "./storage.ts";

/** One group and version that the API server serves, with the kinds in it. */
const servedGroupSchema = z.object({ groupVersion: z.string(), kinds: z.array(z.string()) });

/** What the API server serves; `broken` names aggregated groups that do not answer. */
const discoverySchema = z.object({ served: z.array(servedGroupSchema), broken: z.array(z.string()) });

/** What the API server serves. */
export type Discovery = Readonly<z.infer<typeof discoverySchema>>;

/** An API that manifests are written in, with the names of the objects. */
const usedApiSchema = z.object({ apiVersion: z.string(), kind: z.string(), names: z.array(z.string()) });

/** Version, address and clock of the API server, and who asks. */
const clusterSchema = z.object({
  context: z.string(),
  server: z.string(),
  /** `v1.34.4` */
  version: z.string(),
  /** Seconds by which the API server's clock is ahead of this host's; negative when it is behind. */
  clockAhead: readingSchema(z.number()),
  /** UID of kube-system: names a cluster whatever its context is called. */
  uid: readingSchema(z.string()),
  /** User name as the API server knows it. */
  user: readingSchema(z.string()),
});

const registryReadingSchema = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("usable"), writable: z.boolean(), detail: z.string(), certificateNotAfter: z.string().optional() }),
  z.object({ kind: z.literal("refused"), code: z.string(), what: z.string(), fix: z.string() }),
]);

/** Everything read before a plan is made, at one moment: plain JSON that can be saved, sent and judged elsewhere. Holds no secret. */
export const factsSchema = z.object({
  apiVersion: z.literal("migratectl/v1"),
  kind: z.literal("Facts"),
  /** RFC 3339, UTC. */
  moment: z.string(),
  cluster: clusterSchema,
  discovery: readingSchema(discoverySchema),
  nodes: readingSchema(z.array(nodeFactSchema)),
  pods: readingSchema(podUseSchema),
  storageClasses: readingSchema(z.array(storageClassSchema)),
  storageCapacities: readingSchema(z.array(storageCapacitySchema)),
  provisioners: readingSchema(provisionersSchema),
  volumes: readingSchema(z.array(volumeSchema)),
  ingressClasses: readingSchema(z.array(z.object({ name: z.string(), controller: z.string(), isDefault: z.boolean() }))),
  priorityClasses: readingSchema(z.array(z.string())),
  namespaceName: z.string(),
  namespace: readingSchema(namespaceSchema),
  quotas: readingSchema(z.array(quotaSchema)),
  limits: readingSchema(z.array(limitSchema)),
  helmRevisions: readingSchema(z.array(helmRevisionSchema)),
  /** The APIs that Helm has recorded of the release's newest revision; none without a release. */
  recordedApis: readingSchema(z.array(usedApiSchema)),
  claims: readingSchema(z.array(claimSchema)),
  rights: readingSchema(z.array(rightFactSchema)),
  host: hostSchema,
  /** Absent when no registry was named. */
  registry: readingSchema(registryReadingSchema).optional(),
  /** Addresses of the ingress host; absent when none was named. */
  ingressAddresses: readingSchema(z.array(z.string())).optional(),
  /** Absent when no certificate file was given. */
  certificate: readingSchema(certificateSchema).optional(),
});

/** Everything read before a plan is made. */
export type Facts = Readonly<z.infer<typeof factsSchema>>;
