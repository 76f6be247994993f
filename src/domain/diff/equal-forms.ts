import { parseQuantity } from "../capacity/quantity.ts";
import { isObject, type ManifestObject } from "../manifest/objects.ts";
import type { FieldPath } from "./field-path.ts";

/** Mappings whose values are quantities, which the API server writes in its own form. */
const quantityMaps = new Set(["limits", "requests", "hard", "capacity", "default", "defaultRequest", "max", "min", "overhead", "podFixed"]);

/** Single fields that are quantities. */
const quantityFields = new Set(["sizeLimit", "averageValue", "divisor"]);

/** Mappings from text to text, which the API server leaves out when they are empty. */
const textMaps = new Set([
  "labels",
  "annotations",
  "nodeSelector",
  "matchLabels",
  "data",
  "binaryData",
  "limits",
  "requests",
  "parameters",
  "selector",
]);

/** Fields in which false, 0 or "" says something else than nothing does. */
const absenceCounts = new Set([
  "allowPrivilegeEscalation",
  "automountServiceAccountToken",
  "enableServiceLinks",
  "fsGroup",
  "runAsGroup",
  "runAsUser",
  "storageClassName",
  "ttlSecondsAfterFinished",
]);

/** True for two values of a field that the API server takes for the same: `1000m` and 1 of a quantity; nothing else but what is identical. */
export function sameScalar(path: FieldPath, a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (!isQuantity(path)) return false;
  const [first, second] = [quantityOf(a), quantityOf(b)];
  return first !== undefined && first === second;
}

/** True for a value that the API server leaves out of the built-in kinds when it is given: `[]`, `labels: {}`, `hostNetwork: false`. */
export function isLeftOut(path: FieldPath, value: unknown): boolean {
  const key = path.at(-1);
  if (Array.isArray(value)) return value.length === 0;
  if (isObject(value)) return Object.keys(value).length === 0 && typeof key === "string" && textMaps.has(key);
  const parent = path.at(-2);
  if (typeof key !== "string" || absenceCounts.has(key) || (typeof parent === "string" && textMaps.has(parent))) return false;
  return value === false || value === 0 || value === "";
}

/** The object without members that are null, which say nothing: Helm and the API server drop them. */
export function withoutNulls(object: ManifestObject): ManifestObject {
  return Object.fromEntries(
    Object.entries(object)
      .filter(([, value]) => value !== null && value !== undefined)
      .map(([key, value]) => [key, cleaned(value)]),
  );
}

function cleaned(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(cleaned);
  return isObject(value) ? withoutNulls(value) : value;
}

function isQuantity(path: FieldPath): boolean {
  const [parent, key] = [path.at(-2), path.at(-1)];
  if (typeof key !== "string" || typeof parent !== "string") return false;
  return quantityMaps.has(parent) || quantityFields.has(key) || (parent === "target" && key === "value");
}

function quantityOf(value: unknown): bigint | undefined {
  return typeof value === "string" || typeof value === "number" ? parseQuantity(String(value)) : undefined;
}
