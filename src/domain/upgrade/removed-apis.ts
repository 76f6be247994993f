import type { Discovery } from "../facts/facts.ts";
import { isObject, type ManifestObject, manifestObjects } from "../manifest/objects.ts";

/** A kind in the version in which a manifest is written. */
interface ApiKind {
  readonly apiVersion: string;
  readonly kind: string;
}

/** An API that manifests are written in. */
export interface UsedApi extends ApiKind {
  /** Names of the objects. */
  readonly names: readonly string[];
}

/** An API that manifests are written in and a cluster serves no more. */
export interface RemovedApi extends UsedApi {
  /** In which version the cluster serves the kind now; undefined where it has no such kind any more, and so no such object either. */
  readonly successor: string | undefined;
}

/** Where a kind went that has left its group. Source: the Kubernetes "Deprecated API Migration Guide", v1.16 and v1.22. */
const moved: Readonly<Record<string, string>> = {
  "extensions/Ingress": "networking.k8s.io",
  "extensions/NetworkPolicy": "networking.k8s.io",
  "extensions/PodSecurityPolicy": "policy",
  "extensions/Deployment": "apps",
  "extensions/DaemonSet": "apps",
  "extensions/ReplicaSet": "apps",
};

/** The APIs that objects are written in, each once, in their order; of a List each item counts. */
export function apisOf(objects: readonly ManifestObject[]): readonly UsedApi[] {
  const found = new Map<string, UsedApi>();
  for (const { name, ...api } of objects.flatMap(itemsOf).flatMap(headOf))
    found.set(keyOf(api), { ...api, names: [...(found.get(keyOf(api))?.names ?? []), name] });
  return [...found.values()];
}

/** Those of the APIs that the cluster does not serve. A group that does not answer counts as served: nobody knows. */
export function removedAmong(used: readonly UsedApi[], discovery: Discovery): readonly RemovedApi[] {
  const served = new Map(discovery.served.map(({ groupVersion, kinds }) => [groupVersion, kinds]));
  return used
    .filter(({ apiVersion, kind }) => !discovery.broken.includes(apiVersion) && served.get(apiVersion)?.includes(kind) !== true)
    .map((api) => ({ ...api, successor: successorOf(api, discovery) }));
}

/** As {@link removedAmong}, of manifests. @throws Error when the manifests are no YAML */
export function removedApis(manifests: string, discovery: Discovery): readonly RemovedApi[] {
  return removedAmong(apisOf(manifestObjects(manifests)), discovery);
}

/**
 * The same manifests in APIs that are served: an object is written in the version in which its kind is served now, and one of a kind that is
 * no more is left out. Nothing else of an object is changed, as `helm mapkubeapis` does it: Helm compares with what is recorded, by names and
 * fields, and asks the cluster for the rest. Text that is not touched stays as it is.
 * @throws Error when an object is written so that it cannot be found in the text
 */
export function inServedApis(manifests: string, discovery: Discovery): string {
  const removed = new Map(removedApis(manifests, discovery).map((api) => [keyOf(api), api]));
  const parts = manifests.split(/^(?=---(?:\s|$))/m).flatMap((part) => {
    const [head] = manifestObjects(part).flatMap(headOf);
    const api = head === undefined ? undefined : removed.get(keyOf(head));
    if (api === undefined) return [part];
    return api.successor === undefined ? [] : [part.replace(/^apiVersion:.*$/m, `apiVersion: ${api.successor}`)];
  });
  const written = parts.join("");
  const left = removedApis(written, discovery);
  if (left.length > 0) throw new Error(`${left.map(apiText).join(", ")} cannot be found in the text of the manifests`);
  return written;
}

/** `policy/v1beta1 PodDisruptionBudget (2), now policy/v1`. */
export function apiText({ apiVersion, kind, successor, names }: RemovedApi): string {
  const times = names.length === 1 ? names[0] : names.length;
  return `${apiVersion} ${kind} (${times}), ${successor === undefined ? "which is no more" : `now ${successor}`}`;
}

/** A stable version of the kind rather than one in trial, and a newer one rather than an older. */
function successorOf({ apiVersion, kind }: ApiKind, { served, broken }: Discovery): string | undefined {
  const group = groupOf(apiVersion);
  const target = moved[`${group}/${kind}`] ?? group;
  const versions = served.filter(({ groupVersion, kinds }) => groupOf(groupVersion) === target && kinds.includes(kind));
  const candidates = versions.map(({ groupVersion }) => groupVersion).toSorted((a, b) => age(a) - age(b));
  // Of a version that does not answer nobody knows the kinds; to leave the object out would be to guess.
  return candidates[0] ?? broken.find((groupVersion) => groupOf(groupVersion) === target);
}

/** Sorts v2 before v1 before v2beta2 before v1beta1 before v1alpha1. Source: Kubernetes API reference, "Version priority". */
function age(groupVersion: string): number {
  const [, major = "0", stage, step = "0"] = /v(\d+)(?:(alpha|beta)(\d+))?$/.exec(groupVersion) ?? [];
  const stability = stage === undefined ? 0 : stage === "beta" ? 1 : 2;
  return stability * 1_000_000 - Number(major) * 1000 - Number(step);
}

function keyOf({ apiVersion, kind }: ApiKind): string {
  return `${apiVersion}/${kind}`;
}

function groupOf(apiVersion: string): string {
  return apiVersion.includes("/") ? apiVersion.slice(0, apiVersion.indexOf("/")) : "";
}

function headOf({ apiVersion, kind, metadata }: ManifestObject): readonly (ApiKind & { readonly name: string })[] {
  const name = isObject(metadata) ? metadata["name"] : undefined;
  if (typeof apiVersion !== "string" || typeof kind !== "string") return [];
  return [{ apiVersion, kind, name: typeof name === "string" ? name : "" }];
}

function itemsOf(object: ManifestObject): readonly ManifestObject[] {
  const { kind, items } = object;
  return typeof kind === "string" && kind.endsWith("List") && Array.isArray(items) ? items.filter(isObject) : [object];
}
