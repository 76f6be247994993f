import { isObject, type ManifestObject } from "../manifest/objects.ts";
import type { FieldPath } from "./field-path.ts";

/** The items of a list by what tells them apart, in the list's order. */
export type KeyedItems = ReadonlyMap<string, unknown>;

/** The fields that Kubernetes merges the items of a list by. */
const mergeKeys: Readonly<Record<string, readonly string[]>> = {
  containers: ["name"],
  initContainers: ["name"],
  ephemeralContainers: ["name"],
  env: ["name"],
  volumes: ["name"],
  imagePullSecrets: ["name"],
  resourceClaims: ["name"],
  schedulingGates: ["name"],
  secrets: ["name"],
  listeners: ["name"],
  volumeMounts: ["mountPath"],
  volumeDevices: ["devicePath"],
  hostAliases: ["ip"],
  topologySpreadConstraints: ["topologyKey", "whenUnsatisfiable"],
};

/**
 * The items of the list at `path` by their merge key; undefined where Kubernetes takes the list as a whole, or where keys are missing or not
 * distinct, so that only the index tells the items apart.
 */
export function keyedItems(path: FieldPath, list: readonly unknown[]): KeyedItems | undefined {
  const items = new Map<string, unknown>();
  for (const item of list) {
    const key = keyOf(path, item);
    if (key === undefined || items.has(key)) return undefined;
    items.set(key, item);
  }
  return list.length > 0 || isKeyed(path.at(-1)) ? items : undefined;
}

function isKeyed(name: unknown): boolean {
  return typeof name === "string" && (name in mergeKeys || ["ports", "metrics", "finalizers"].includes(name));
}

function keyOf(path: FieldPath, item: unknown): string | undefined {
  const name = path.at(-1);
  if (name === "finalizers") return typeof item === "string" ? item : undefined;
  if (typeof name !== "string" || !isObject(item)) return undefined;
  if (name === "ports") return portKey(path, item);
  if (name === "metrics") return metricKey(item);
  const parts = mergeKeys[name]?.map((key) => item[key]);
  return parts?.every((part) => typeof part === "string") === true ? parts.join("/") : undefined;
}

/** Ports of containers and Services have a protocol beside their number; those of network policies are told apart by nothing. */
function portKey(path: FieldPath, item: ManifestObject): string | undefined {
  const number = item["containerPort"] ?? (path.length === 2 && path[0] === "spec" ? item["port"] : undefined);
  return typeof number === "number" ? `${number}/${item["protocol"] ?? "TCP"}` : undefined;
}

/** An autoscaler's metrics come back in another order from API servers that keep an older version of it. */
function metricKey(item: ManifestObject): string | undefined {
  const { type } = item;
  if (type !== "Resource") return undefined;
  const resource = item["resource"];
  return isObject(resource) && typeof resource["name"] === "string" ? resource["name"] : undefined;
}
