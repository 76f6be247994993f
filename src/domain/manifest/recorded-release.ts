import { isObject, type ManifestObject, manifestObjects } from "./objects.ts";

/** What a release consists of, from the manifests that Helm recorded; contents of its objects are no part of it. */
export interface RecordedRelease {
  readonly objects: readonly { readonly kind: string; readonly name: string }[];
  /** Containers of its Deployments and StatefulSets, and the image that each was applied with. */
  readonly containers: readonly {
    /** `Deployment/backend`. */
    readonly workload: string;
    readonly container: string;
    readonly image: string;
  }[];
}

/** Reads a release's manifests. Of a Secret in them nothing but the name is kept. @throws Error when they are no YAML */
export function recordedRelease(manifests: string): RecordedRelease {
  const objects = manifestObjects(manifests);
  return { objects: objects.flatMap(named), containers: objects.flatMap(containersOf) };
}

function named(object: ManifestObject): RecordedRelease["objects"] {
  const { kind, metadata } = object;
  const name = isObject(metadata) ? metadata["name"] : undefined;
  return typeof kind === "string" && typeof name === "string" ? [{ kind, name }] : [];
}

function containersOf(object: ManifestObject): RecordedRelease["containers"] {
  const [own] = named(object);
  if (own === undefined || (own.kind !== "Deployment" && own.kind !== "StatefulSet")) return [];
  const spec = at(at(at(object, "spec"), "template"), "spec");
  return ["initContainers", "containers"].flatMap((list) => {
    const containers = isObject(spec) ? spec[list] : undefined;
    return (Array.isArray(containers) ? containers : [])
      .filter(isObject)
      .flatMap(({ name, image }) =>
        typeof name === "string" && typeof image === "string" ? [{ workload: `${own.kind}/${own.name}`, container: name, image }] : [],
      );
  });
}

function at(value: unknown, key: string): unknown {
  return isObject(value) ? value[key] : undefined;
}
