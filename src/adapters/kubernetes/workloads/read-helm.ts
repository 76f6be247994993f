import { gunzipSync } from "node:zlib";
import { z } from "zod";
import { manifestObjects } from "../../../domain/manifest/objects.ts";
import { type RecordedRelease, recordedRelease } from "../../../domain/manifest/recorded-release.ts";
import type { HelmFacts } from "../../../domain/status/release-facts.ts";
import { apisOf, type UsedApi } from "../../../domain/upgrade/removed-apis.ts";
import type { ReleaseScope } from "../../../ports/cluster-workloads.ts";
import type { ApiClient } from "../api-client.ts";
import { many, metadata, metadataOnly } from "./shapes.ts";

/** Secrets of type helm.sh/release.v1, metadata only. */
const helmSecretsSchema = z.object({ items: many(z.object({ metadata })) });

/** One such Secret with its payload. */
const helmSecretSchema = z.object({ data: z.object({ release: z.string() }).catch({ release: "" }) });

// Values and manifest of the payload may hold secrets: only these keys survive the parse.
const payloadSchema = z.object({
  version: z.number(),
  info: z.object({ status: z.string(), last_deployed: z.string().nullish() }),
  chart: z.object({ metadata: z.object({ name: z.string(), version: z.string(), appVersion: z.string().default("") }) }),
  config: z.object({ profile: z.string().optional() }).nullish(),
});

const manifestSchema = z.object({ manifest: z.string() });

/** Helm's newest record of a release, as its Secret holds it; undefined when Helm knows no such release. */
export async function newestRecord(api: ApiClient, { release, namespace }: ReleaseScope, signal: AbortSignal): Promise<string | undefined> {
  const path = `/api/v1/namespaces/${namespace}/secrets`;
  const query = { labelSelector: `owner=helm,name=${release}` };
  // Metadata only: the payloads are large, and only the newest one is read.
  const { items } = await api.request({ method: "GET", path, query, accept: metadataOnly, signal }, helmSecretsSchema);
  const newest = items
    .map(({ metadata: meta }) => ({ name: meta.name, revision: Number(meta.labels["version"] ?? 0) }))
    .toSorted((a, b) => b.revision - a.revision)[0];
  if (newest === undefined) return undefined;
  return (await api.find(`${path}/${newest.name}`, helmSecretSchema, signal))?.data.release;
}

/** What the manifests in Helm's record make; their contents are dropped at this door. @throws Error when it is no record */
export function recordedIn(release: string): RecordedRelease {
  return recordedRelease(manifestSchema.parse(decoded(release)).manifest);
}

/** The APIs that the manifests in Helm's record are written in. @throws Error when it is no record */
export function recordedApisIn(release: string): readonly UsedApi[] {
  return apisOf(manifestObjects(manifestSchema.parse(decoded(release)).manifest));
}

/** Reads Helm's record. @throws Error when it is none */
export function fromHelmSecret(release: string): HelmFacts {
  const payload = payloadSchema.parse(decoded(release));
  const deployed = payload.info.last_deployed;
  return {
    revision: payload.version,
    status: payload.info.status,
    chartName: payload.chart.metadata.name,
    chartVersion: payload.chart.metadata.version,
    appVersion: payload.chart.metadata.appVersion,
    ...(deployed ? { deployedAt: new Date(deployed) } : {}),
    ...(payload.config?.profile === undefined ? {} : { profile: payload.config.profile }),
  };
}

/** base64 of Kubernetes around base64 of Helm around gzip around JSON. */
function decoded(release: string): unknown {
  const encoded = Buffer.from(Buffer.from(release, "base64").toString("latin1"), "base64");
  return JSON.parse(gunzipSync(encoded, { maxOutputLength: 64 * 1024 * 1024 }).toString("utf8"));
}
