import { z } from "zod";

/** `GET /api/v1/health/database`. */
export const databaseSchema = z.object({
  postgresql: z.object({
    status: z.string(),
    version: z.string().optional(),
    replicas: z.int().nonnegative().optional(),
    vector: z.string().nullish(),
    cause: z.string().optional(),
  }),
});

/** `GET /api/v1/version`. The backend may also say which revision its own release needs. */
export const versionSchema = z.object({
  version: z.string(),
  schemaRevision: z.string().nullable(),
  releaseSchemaRevision: z.string().optional(),
});

/** `GET /api/v1/cache/{key}` and what POST gives back: one key and its value. */
export const cacheSchema = z.record(z.string(), z.string());

/** `GET /api/v1/tenant/{id}/config`. */
export const tenantSchema = z.object({ branding: z.record(z.string(), z.unknown()), features: z.record(z.string(), z.unknown()) });

/** `POST /api/v1/assessments`. */
export const assessmentCreatedSchema = z.object({ id: z.string().min(1) });

/** `GET /api/v1/assessments/{id}`; the trail says which pods took part. */
export const assessmentSchema = z.object({ status: z.string(), trail: z.array(z.object({ component: z.string() })).default([]) });

/** `GET /capabilities` of an MCP server. */
export const capabilitiesSchema = z.object({ tools: z.array(z.union([z.string(), z.object({ name: z.string() })])).min(1) });
