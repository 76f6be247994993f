import { z } from "zod";
import { resourceListSchema } from "../capacity/resources.ts";

/** The release's namespace as it is now. */
export const namespaceSchema = z.object({
  exists: z.boolean(),
  labels: z.record(z.string(), z.string()),
  terminating: z.boolean(),
  /** Why it does not end, in the API server's words; empty when it is not terminating or nothing holds it. */
  heldBy: z.array(z.string()),
});

/** A ResourceQuota: what it allows, what is used, and to which pods it applies. */
export const quotaSchema = z.object({
  name: z.string(),
  hard: resourceListSchema,
  used: resourceListSchema,
  /** BestEffort, NotTerminating, PriorityClass …; empty: everything. */
  scopes: z.array(z.string()),
});

/** A ResourceQuota. */
export type QuotaFact = Readonly<z.infer<typeof quotaSchema>>;

/** One limit of a LimitRange. */
export const limitSchema = z.object({
  range: z.string(),
  /** Container, Pod, PersistentVolumeClaim */
  type: z.string(),
  min: resourceListSchema,
  max: resourceListSchema,
  default: resourceListSchema,
  defaultRequest: resourceListSchema,
});

/** One limit of a LimitRange. */
export type LimitFact = Readonly<z.infer<typeof limitSchema>>;

/** One revision of a Helm release, from the labels of Helm's Secret; its content is never read. */
export const helmRevisionSchema = z.object({ name: z.string(), revision: z.int(), status: z.string() });

/** One revision of a Helm release. */
export type HelmRevisionFact = Readonly<z.infer<typeof helmRevisionSchema>>;
