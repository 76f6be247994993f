import { z } from "zod";
import { isObject, type ManifestObject, manifestObjects } from "./objects.ts";

/** An object of any kind, as a manifest names it. */
export interface ObjectReference {
  readonly apiVersion: string;
  readonly kind: string;
  readonly name: string;
  /** Where it is, if its kind is one that has a namespace. */
  readonly namespace: string;
}

/** One object that a release consists of. */
export interface ReleaseObject {
  readonly reference: ObjectReference;
  readonly body: ManifestObject;
  /** Helm leaves it in the cluster when the release no longer has it. */
  readonly kept: boolean;
  /** A Job that clears itself away: its absence means nothing. */
  readonly passing: boolean;
}

const headSchema = z.object({
  apiVersion: z.string(),
  kind: z.string(),
  metadata: z.object({
    name: z.string(),
    namespace: z.string().nullish(),
    annotations: z
      .record(z.string(), z.unknown())
      .nullish()
      .transform((annotations) => annotations ?? {}),
  }),
  spec: z.looseObject({ ttlSecondsAfterFinished: z.number().nullish() }).catch({}),
});

/**
 * The objects of a release's manifests, with those of Lists one by one. Helm's hooks are left out: Helm keeps them apart from the release's
 * own objects. `namespace` is the release's. @throws Error when the manifests are no YAML, z.ZodError for what is no object of Kubernetes
 */
export function releaseObjects(manifests: string, namespace: string): readonly ReleaseObject[] {
  return manifestObjects(manifests)
    .flatMap(itemsOf)
    .flatMap((body) => {
      const { apiVersion, kind, metadata, spec } = headSchema.parse(body);
      if ("helm.sh/hook" in metadata.annotations) return [];
      return [
        {
          reference: { apiVersion, kind, name: metadata.name, namespace: metadata.namespace ?? namespace },
          body,
          kept: metadata.annotations["helm.sh/resource-policy"] === "keep",
          passing: kind === "Job" && spec.ttlSecondsAfterFinished != null,
        },
      ];
    });
}

/** The API group; empty for the core one. */
export function groupOf({ apiVersion }: Pick<ObjectReference, "apiVersion">): string {
  return apiVersion.includes("/") ? apiVersion.slice(0, apiVersion.indexOf("/")) : "";
}

function itemsOf(object: ManifestObject): readonly ManifestObject[] {
  const { kind, items } = object;
  return typeof kind === "string" && kind.endsWith("List") && Array.isArray(items) ? items.filter(isObject) : [object];
}
