import { z } from "zod";

const metadataSchema = z.object({
  name: z.string(),
  uid: z.string().default(""),
  resourceVersion: z.string().default(""),
  labels: z.record(z.string(), z.string()).default({}),
  annotations: z.record(z.string(), z.string()).default({}),
  finalizers: z.array(z.string()).default([]),
  deletionTimestamp: z.string().optional(),
  managedFields: z.array(z.object({ manager: z.string().default(""), time: z.string().optional() })).default([]),
});

/** Any object whose metadata is all that counts. */
export const objectSchema = z.object({ metadata: metadataSchema });

/** A namespace. */
export const namespaceSchema = z.object({
  metadata: metadataSchema,
  status: z.object({ phase: z.string().default("") }).default({ phase: "" }),
});

/** A Secret; values are base64. */
export const secretSchema = z.object({
  metadata: metadataSchema,
  type: z.string().default("Opaque"),
  immutable: z.boolean().default(false),
  data: z
    .record(z.string(), z.string())
    .nullish()
    .transform((data) => data ?? {}),
});

/** A ConfigMap. */
export const configMapSchema = z.object({
  metadata: metadataSchema,
  data: z
    .record(z.string(), z.string())
    .nullish()
    .transform((data) => data ?? {}),
});

/** A coordination.k8s.io/v1 Lease. */
export const leaseSchema = z.object({
  metadata: metadataSchema,
  spec: z.object({
    holderIdentity: z.string().default(""),
    leaseDurationSeconds: z.number().default(30),
    acquireTime: z.string().optional(),
    renewTime: z.string().optional(),
    leaseTransitions: z.number().default(0),
  }),
});

/** An object found by its labels: a claim with its capacity, a Job with its conditions. */
export const labelledSchema = z.object({
  metadata: metadataSchema,
  status: z
    .object({
      capacity: z.record(z.string(), z.string()).default({}),
      conditions: z.array(z.object({ type: z.string(), status: z.string() })).default([]),
    })
    .default({ capacity: {}, conditions: [] }),
});

/** The answer to "who am I". */
export const selfReviewSchema = z.object({
  status: z.object({ userInfo: z.object({ username: z.string().default("") }).default({ username: "" }) }),
});
