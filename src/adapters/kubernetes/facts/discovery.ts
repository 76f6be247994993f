import { z } from "zod";
import type { Discovery } from "../../../domain/facts/facts.ts";
import type { ApiClient } from "../api-client.ts";
import { ApiStatusError } from "../api-errors.ts";

const aggregatedSchema = z.object({
  kind: z.literal("APIGroupDiscoveryList"),
  items: z.array(
    z.object({
      metadata: z.object({ name: z.string().default("") }).default({ name: "" }),
      versions: z.array(
        z.object({
          version: z.string(),
          freshness: z.string().default("Current"),
          resources: z.array(z.object({ responseKind: z.object({ kind: z.string() }).nullish() })).nullish(),
        }),
      ),
    }),
  ),
});

const groupListSchema = z.object({ groups: z.array(z.object({ versions: z.array(z.object({ groupVersion: z.string() })) })) });
const resourceListSchema = z.object({ resources: z.array(z.object({ name: z.string(), kind: z.string() })) });

const aggregated = ["v2", "v2beta1"].map((version) => `application/json;g=apidiscovery.k8s.io;v=${version};as=APIGroupDiscoveryList`);

/** Groups, versions and kinds that are served: two requests where the server aggregates (1.26 and newer), else one per group version. */
export async function readDiscovery(client: ApiClient, signal: AbortSignal): Promise<Discovery> {
  const parts = await Promise.all(["/api", "/apis"].map((path) => readRoot(client, path, signal)));
  const byName = (a: string, b: string) => (a < b ? -1 : 1);
  return {
    served: parts.flatMap(({ served }) => served).sort((a, b) => byName(a.groupVersion, b.groupVersion)),
    broken: parts.flatMap(({ broken }) => broken).sort(byName),
  };
}

async function readRoot(client: ApiClient, path: string, signal: AbortSignal): Promise<Discovery> {
  const body = await client.request({ method: "GET", path, accept: [...aggregated, "application/json"].join(","), signal }, z.unknown());
  const parsed = aggregatedSchema.safeParse(body);
  if (!parsed.success) return readEach(client, path, body, signal);
  const versions = parsed.data.items.flatMap(({ metadata, versions: all }) =>
    all.map(({ version, freshness, resources }) => ({
      groupVersion: metadata.name === "" ? version : `${metadata.name}/${version}`,
      stale: freshness === "Stale",
      kinds: unique((resources ?? []).flatMap(({ responseKind }) => (responseKind?.kind ? [responseKind.kind] : []))),
    })),
  );
  return {
    served: versions.filter(({ stale }) => !stale).map(({ groupVersion, kinds }) => ({ groupVersion, kinds })),
    broken: versions.filter(({ stale }) => stale).map(({ groupVersion }) => groupVersion),
  };
}

async function readEach(client: ApiClient, path: string, body: unknown, signal: AbortSignal): Promise<Discovery> {
  const names =
    path === "/api"
      ? ["v1"]
      : groupListSchema.parse(body).groups.flatMap(({ versions }) => versions.map(({ groupVersion }) => groupVersion));
  const answers = await Promise.all(
    names.map(async (groupVersion) => {
      try {
        const { resources } = await client.request({ method: "GET", path: `${path}/${groupVersion}`, signal }, resourceListSchema);
        return { groupVersion, kinds: unique(resources.filter(({ name }) => !name.includes("/")).map(({ kind }) => kind)) };
      } catch (error) {
        if (error instanceof ApiStatusError && error.status !== 401) return { groupVersion };
        throw error;
      }
    }),
  );
  return {
    served: answers.flatMap(({ groupVersion, kinds }) => (kinds === undefined ? [] : [{ groupVersion, kinds }])),
    broken: answers.flatMap(({ groupVersion, kinds }) => (kinds === undefined ? [groupVersion] : [])),
  };
}

function unique(kinds: readonly string[]): string[] {
  return [...new Set(kinds)].sort();
}
