import { gunzipSync } from "node:zlib";
import { z } from "zod";
import type { HelmFacts } from "../../../domain/status/release-facts.ts";
import { many, metadata } from "./shapes.ts";

/** Secrets of type helm.sh/release.v1, metadata only. */
export const helmSecretsSchema = z.object({ items: many(z.object({ metadata })) });

/** One such Secret with its payload. */
export const helmSecretSchema = z.object({ data: z.object({ release: z.string() }) });

// Values and manifest of the payload may hold secrets: only these keys survive the parse.
const payloadSchema = z.object({
  version: z.number(),
  info: z.object({ status: z.string(), last_deployed: z.string().nullish() }),
  chart: z.object({ metadata: z.object({ name: z.string(), version: z.string(), appVersion: z.string().default("") }) }),
  config: z.object({ profile: z.string().optional() }).nullish(),
});

/** Reads Helm's record: base64 of Kubernetes around base64 of Helm around gzip around JSON. @throws Error when it is none */
export function fromHelmSecret(release: string): HelmFacts {
  const encoded = Buffer.from(Buffer.from(release, "base64").toString("latin1"), "base64");
  const payload = payloadSchema.parse(JSON.parse(gunzipSync(encoded, { maxOutputLength: 64 * 1024 * 1024 }).toString("utf8")));
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
