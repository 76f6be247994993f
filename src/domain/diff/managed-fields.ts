import { canonicalJson } from "../canonical-json.ts";
import { isObject } from "../manifest/objects.ts";
import type { FieldPath, PathStep } from "./field-path.ts";
import { keyedItems } from "./list-items.ts";

/** Who set a field of a live object. */
export interface FieldOwner {
  /** As it calls itself: `helm`, `kubectl-edit`. */
  readonly manager: string;
  /** `Apply` (server-side) or `Update`. */
  readonly operation: string;
  /** `scale`, when the field was set through a subresource. */
  readonly subresource?: string | undefined;
  /** When this manager last changed a field of the object; RFC 3339. */
  readonly time?: string | undefined;
}

/** One entry of `metadata.managedFields`. */
export interface ManagedFields extends FieldOwner {
  /** FieldsV1: a tree of `f:field`, `k:{"name":"backend"}`, `v:"value"` and `i:0`; `.` stands for the node itself. */
  readonly fields: unknown;
}

/** Helm's own name as a manager of fields: where it shares a field with somebody else, the other one is the news. */
const helm = "helm";

/**
 * Who owns the field of a live object: of several owners one other than Helm, the latest. A list or mapping that its manager owns as a whole
 * is owned with all below it. Undefined when nobody owns the field, as nobody owns what was removed.
 */
export function ownerOf(path: FieldPath, live: unknown, entries: readonly ManagedFields[]): FieldOwner | undefined {
  const owners = entries.filter(({ fields }) => owns(fields, path, live, []));
  const [owner] = owners.toSorted((a, b) => rank(a) - rank(b) || (b.time ?? "").localeCompare(a.time ?? ""));
  if (owner === undefined) return undefined;
  const { fields: _fields, ...told } = owner;
  return told;
}

function rank({ manager }: FieldOwner): number {
  return manager === helm ? 1 : 0;
}

function owns(node: unknown, path: FieldPath, live: unknown, walked: FieldPath): boolean {
  if (!isObject(node)) return false;
  const [step, ...rest] = path;
  if (step === undefined) return true;
  if (Object.keys(node).length === 0) return walked.length > 0;
  const value = stepInto(live, step, walked);
  const below = childOf(node, step, value);
  return below !== undefined && owns(below, rest, value, [...walked, step]);
}

/** The part of the live object that a step leads to. */
function stepInto(live: unknown, step: PathStep, walked: FieldPath): unknown {
  if (typeof step === "string") return isObject(live) ? live[step] : undefined;
  if (!Array.isArray(live)) return undefined;
  return typeof step === "number" ? live[step] : keyedItems(walked, live)?.get(step.item);
}

/** The node below, by the name that FieldsV1 has for it: items of lists go by their keys, their value, or their index. */
function childOf(node: Readonly<Record<string, unknown>>, step: PathStep, value: unknown): unknown {
  if (typeof step === "string") return node[`f:${step}`];
  const item = Object.keys(node).find((name) => (name.startsWith("k:") && hasKeys(value, name)) || isValue(value, name));
  return item === undefined ? (typeof step === "number" ? node[`i:${step}`] : undefined) : node[item];
}

function hasKeys(item: unknown, name: string): boolean {
  const keys = parsed(name.slice(2));
  if (!isObject(item) || !isObject(keys)) return false;
  return Object.entries(keys).every(([key, value]) => canonicalJson(item[key] ?? null) === canonicalJson(value));
}

function isValue(item: unknown, name: string): boolean {
  return name.startsWith("v:") && item !== undefined && canonicalJson(item) === canonicalJson(parsed(name.slice(2)));
}

function parsed(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    return undefined;
  }
}
