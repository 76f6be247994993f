import { gunzipSync, gzipSync } from "node:zlib";
import { z } from "zod";
import { Problem } from "../../../domain/errors/problem.ts";
import { helpful, type Right } from "../../../domain/facts/rights.ts";
import type { ReleaseScope } from "../../../ports/cluster-workloads.ts";
import type { ReleaseRecords } from "../../../ports/release-records.ts";
import type { ApiClient } from "../api-client.ts";
import { telling } from "../api-errors.ts";
import { readDiscovery } from "../facts/discovery.ts";
import { written } from "../objects-write.ts";
import { many, metadata, metadataOnly } from "../workloads/shapes.ts";

const purpose = "bring Helm's record to the APIs that the cluster serves";

/** The rights that each method uses; what is served may be asked by everybody. */
export const releaseRecordsRights: Readonly<Record<keyof ReleaseRecords, readonly Right[]>> = {
  revisions: helpful(purpose, "list secrets"),
  manifests: helpful(purpose, "get secrets"),
  replaceManifests: helpful(purpose, "get,update secrets"),
  served: [],
};

/** Bytes of a record once it is unpacked, at most. */
const largest = 64 * 1024 * 1024;

const listSchema = z.object({ items: many(z.object({ metadata })) });

const secretSchema = z.looseObject({
  metadata: z.looseObject({ resourceVersion: z.string() }),
  data: z.looseObject({ release: z.string() }),
});

/** What else the record holds passes through unseen. */
const recordSchema = z.looseObject({ manifest: z.string() });

/** Helm's records in the Secrets of the release's namespace (its default driver). */
export function createReleaseRecords(client: ApiClient): ReleaseRecords {
  const reading = <T>({ release }: ReleaseScope, work: () => Promise<T>) => telling(`reading Helm's record of ${release}`, work);
  const find = (scope: ReleaseScope, revision: number, signal: AbortSignal) => client.find(pathOf(scope, revision), secretSchema, signal);
  return {
    revisions: async (scope, signal) => {
      const path = `/api/v1/namespaces/${scope.namespace}/secrets`;
      const query = { labelSelector: `owner=helm,name=${scope.release}` };
      const request = { method: "GET", path, query, accept: metadataOnly, signal } as const;
      const { items } = await reading(scope, () => client.request(request, listSchema));
      return items
        .map(({ metadata: { labels } }) => ({ revision: Number(labels["version"] ?? 0), status: labels["status"] ?? "" }))
        .toSorted((a, b) => a.revision - b.revision);
    },
    manifests: async (scope, revision, signal) => {
      const secret = await reading(scope, () => find(scope, revision, signal));
      if (secret === undefined) return undefined;
      return { value: opened(secret.data.release, scope, revision).manifest, version: secret.metadata.resourceVersion };
    },
    replaceManifests: async (scope, revision, manifest, version, signal) => {
      const secret = await reading(scope, () => find(scope, revision, signal));
      if (secret === undefined || secret.metadata.resourceVersion !== version) return { kind: "conflict" };
      const release = closed({ ...opened(secret.data.release, scope, revision), manifest });
      const body = { ...secret, data: { ...secret.data, release } };
      const request = { method: "PUT", path: pathOf(scope, revision), body, signal } as const;
      const standing = async () => {
        const found = await find(scope, revision, signal);
        return found?.data.release === release ? found.metadata.resourceVersion : undefined;
      };
      return await telling(`writing Helm's record of ${scope.release}`, () =>
        written(() => client.request(request, secretSchema), standing),
      );
    },
    served: (signal) => telling("asking which APIs are served", () => readDiscovery(client, signal)),
  };
}

function pathOf({ release, namespace }: ReleaseScope, revision: number): string {
  return `/api/v1/namespaces/${namespace}/secrets/sh.helm.release.v1.${release}.v${revision}`;
}

/** base64 of Kubernetes around base64 of Helm around gzip around JSON. @throws Problem HELM_FAILED */
function opened(data: string, { release }: ReleaseScope, revision: number): z.infer<typeof recordSchema> {
  try {
    const packed = Buffer.from(Buffer.from(data, "base64").toString("latin1"), "base64");
    return recordSchema.parse(JSON.parse(gunzipSync(packed, { maxOutputLength: largest }).toString("utf8")));
  } catch {
    // What went wrong is left out: it may quote the record, which holds values.
    throw new Problem("HELM_FAILED", { what: `Helm's record of ${release}, revision ${revision}, cannot be read` });
  }
}

function closed(record: z.infer<typeof recordSchema>): string {
  const packed = gzipSync(JSON.stringify(record), { level: 9 }).toString("base64");
  return Buffer.from(packed, "latin1").toString("base64");
}
