import { z } from "zod";
import { resourceListSchema } from "../../../domain/capacity/resources.ts";
import type { Facts } from "../../../domain/facts/facts.ts";
import type { HelmRevisionFact, LimitFact, QuotaFact } from "../../../domain/facts/namespace.ts";
import type { ApiClient } from "../api-client.ts";
import { collect, metadataSchema } from "./objects.ts";

type NamespaceState = Extract<Facts["namespace"], { readonly kind: "known" }>["value"];

const namespaceSchema = z.object({
  metadata: metadataSchema,
  status: z
    .object({
      phase: z.string().default("Active"),
      conditions: z.array(z.object({ type: z.string(), status: z.string(), message: z.string().default("") })).nullish(),
    })
    .default({ phase: "Active" }),
});

/** The namespace; one that does not exist is an answer too. */
export async function readNamespace(client: ApiClient, name: string, signal: AbortSignal): Promise<NamespaceState> {
  const found = await client.find(`/api/v1/namespaces/${name}`, namespaceSchema, signal);
  if (found === undefined) return { exists: false, labels: {}, terminating: false, heldBy: [] };
  return {
    exists: true,
    labels: found.metadata.labels,
    terminating: found.status.phase === "Terminating",
    heldBy: (found.status.conditions ?? []).filter(({ status }) => status === "True").map(({ message }) => message),
  };
}

const amounts = resourceListSchema.nullish().transform((list) => list ?? {});

const quotaSchema = z.object({
  metadata: metadataSchema,
  spec: z.object({
    hard: amounts,
    scopes: z.array(z.string()).nullish(),
    scopeSelector: z
      .object({ matchExpressions: z.array(z.object({ scopeName: z.string(), values: z.array(z.string()).nullish() })).nullish() })
      .nullish(),
  }),
  status: z.object({ used: amounts }).nullish(),
});

/** The quotas of a namespace, in order of name. */
export async function readQuotas(client: ApiClient, namespace: string, signal: AbortSignal): Promise<QuotaFact[]> {
  const quotas = await collect(client.list(`/api/v1/namespaces/${namespace}/resourcequotas`, quotaSchema, signal));
  return quotas
    .map(({ metadata, spec, status }) => ({
      name: metadata.name,
      hard: spec.hard,
      used: status?.used ?? {},
      scopes: [
        ...(spec.scopes ?? []),
        ...(spec.scopeSelector?.matchExpressions ?? []).map(({ scopeName, values }) => [scopeName, ...(values ?? [])].join("=")),
      ],
    }))
    .sort((a, b) => (a.name < b.name ? -1 : 1));
}

const limitRangeSchema = z.object({
  metadata: metadataSchema,
  spec: z.object({
    limits: z.array(z.object({ type: z.string(), min: amounts, max: amounts, default: amounts, defaultRequest: amounts })),
  }),
});

/** Every limit of every LimitRange of a namespace. */
export async function readLimits(client: ApiClient, namespace: string, signal: AbortSignal): Promise<LimitFact[]> {
  const ranges = await collect(client.list(`/api/v1/namespaces/${namespace}/limitranges`, limitRangeSchema, signal));
  return ranges
    .flatMap(({ metadata, spec }) => spec.limits.map((limit) => ({ range: metadata.name, ...limit })))
    .sort((a, b) => (a.range < b.range ? -1 : 1));
}

const revisionSchema = z.object({ metadata: metadataSchema });

/** Media types that leave out everything but the metadata: what Helm stored is never fetched. */
const metadataOnly = "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1,application/json";

/** Helm's revisions, oldest first. */
export async function readHelmRevisions(client: ApiClient, namespace: string, signal: AbortSignal): Promise<HelmRevisionFact[]> {
  const listSchema = z.object({ items: z.array(revisionSchema).nullish() });
  const path = `/api/v1/namespaces/${namespace}/secrets`;
  const { items } = await client.request(
    { method: "GET", path, query: { labelSelector: "owner=helm", limit: 500 }, accept: metadataOnly, signal },
    listSchema,
  );
  return (items ?? [])
    .map(({ metadata: { labels } }) => ({
      name: labels["name"] ?? "",
      revision: Number(labels["version"] ?? 0),
      status: labels["status"] ?? "",
    }))
    .sort((a, b) => (a.name === b.name ? a.revision - b.revision : a.name < b.name ? -1 : 1));
}
