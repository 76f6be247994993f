import { isObject } from "../manifest/objects.ts";
import type { FieldChange } from "./compare.ts";
import { type FieldPath, isBelow } from "./field-path.ts";

/** What stands for a value that is not shown. */
export const masked = "(masked)";

/** A difference as it may be shown: of a secret only that there is one. */
export type ShownChange = FieldChange | { readonly kind: "masked"; readonly path: FieldPath; readonly change: FieldChange["kind"] };

/** Names of variables and keys whose values are told to nobody. */
const sensitiveName =
  /pass(?:word|wd|phrase)?(?:$|[^a-z])|pwd|secret|token|credential|api[-_]?key|(?:private|access|encryption|signing)[-_]?key/i;

/** What kubectl notes at an object: all of it. */
const lastApplied = "kubectl.kubernetes.io/last-applied-configuration";

/** A login in an address, and an assignment of a secret in a text. */
const [loginInUrl, assignment] = [
  /(\b[a-z][a-z0-9+.-]*:\/\/[^\s/:@]*:)[^\s/@]+@/gi,
  /((?:(?:passwor[dt]|passwd|passphrase|secret|token|api[-_]?key)["']?\s*[=:]|--?(?:password|token)\s|requirepass\s|masterauth\s)\s*)[^\s,;]+/gi,
];

/** The difference of an object of this kind without what is secret in it. */
export function shownChange(kind: string, change: FieldChange): ShownChange {
  const { path } = change;
  if (change.kind === "reordered") return change;
  if (isSecret(kind, path)) return { kind: "masked", path, change: change.kind };
  switch (change.kind) {
    case "added":
      return { ...change, after: shownValue(kind, path, change.after) };
    case "removed":
      return { ...change, before: shownValue(kind, path, change.before) };
    case "changed":
      return { ...change, before: shownValue(kind, path, change.before), after: shownValue(kind, path, change.after) };
  }
}

/** The value with what is secret in it, or below it, replaced by {@link masked}. */
function shownValue(kind: string, path: FieldPath, value: unknown): unknown {
  if (isSecret(kind, path)) return masked;
  if (Array.isArray(value)) return value.map((item, index) => shownValue(kind, [...path, stepOf(item, index)], item));
  if (isObject(value)) return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, shownValue(kind, [...path, key], item)]));
  return typeof value === "string" ? value.replaceAll(loginInUrl, `$1${masked}@`).replaceAll(assignment, `$1${masked}`) : value;
}

/** Whether the value of a field is told to nobody: all data of Secrets, and variables and settings whose name says so. */
function isSecret(kind: string, path: FieldPath): boolean {
  const [key, owner, list] = [path.at(-1), path.at(-2), path.at(-3)];
  if (key === lastApplied) return true;
  if (kind === "Secret" && (isBelow(path, ["data"]) || isBelow(path, ["stringData"]))) return path.length > 1;
  if (list === "env" && key === "value") return typeof owner !== "object" || sensitiveName.test(owner.item);
  return kind === "ConfigMap" && isBelow(path, ["data"]) && typeof key === "string" && sensitiveName.test(key);
}

/** Items of a list below a value have no key of their own here; only the name of a variable matters. */
function stepOf(item: unknown, index: number): FieldPath[number] {
  return isObject(item) && typeof item["name"] === "string" ? { item: item["name"] } : index;
}
