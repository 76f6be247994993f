import { canonicalJson } from "../canonical-json.ts";
import { isObject } from "../manifest/objects.ts";
import { isLeftOut, sameScalar } from "./equal-forms.ts";
import type { FieldPath } from "./field-path.ts";
import { type KeyedItems, keyedItems } from "./list-items.ts";

/** One difference of two objects. Whole subtrees that are only in one of them are one change. */
export type FieldChange =
  | { readonly kind: "added"; readonly path: FieldPath; readonly after: unknown }
  | { readonly kind: "removed"; readonly path: FieldPath; readonly before: unknown }
  | { readonly kind: "changed"; readonly path: FieldPath; readonly before: unknown; readonly after: unknown }
  /** The items that both lists have, by their keys, in another order. */
  | { readonly kind: "reordered"; readonly path: FieldPath; readonly before: readonly string[]; readonly after: readonly string[] };

/** How two values are compared. */
interface Comparison {
  /** True: what only `after` has is no difference, unless it stands in a list that is taken as a whole. */
  readonly partial: boolean;
  /** True: what the API server leaves out of `before` is no difference. */
  readonly leavesOut: boolean;
}

/** What makes `after` of `before`, in the order of the fields. Forms of one quantity are the same. */
export function changedFields(before: unknown, after: unknown): readonly FieldChange[] {
  return [...differences([], before, after, { partial: false, leavesOut: false })];
}

/**
 * Where a live object is not as its manifest says: only of fields that the manifest names. `builtIn`: the object is of a kind of Kubernetes
 * itself, whose empty values the API server does not keep.
 */
export function departures(manifest: unknown, live: unknown, builtIn: boolean): readonly FieldChange[] {
  return [...differences([], manifest, live, { partial: true, leavesOut: builtIn })];
}

function* differences(path: FieldPath, before: unknown, after: unknown, how: Comparison): Generator<FieldChange> {
  if (isObject(before) && isObject(after)) {
    const keys = how.partial ? Object.keys(before) : new Set([...Object.keys(before), ...Object.keys(after)]);
    for (const key of keys) yield* member([...path, key], before[key], after[key], how);
  } else if (Array.isArray(before) && Array.isArray(after)) yield* listDifferences(path, before, after, how);
  else if (!sameScalar(path, before, after)) yield { kind: "changed", path, before, after };
}

/** A member or item that may be on one side alone. */
function* member(path: FieldPath, before: unknown, after: unknown, how: Comparison): Generator<FieldChange> {
  if (before !== undefined && after !== undefined) yield* differences(path, before, after, how);
  else if (before !== undefined) {
    if (!(how.leavesOut && isLeftOut(path, before))) yield { kind: "removed", path, before };
  } else if (after !== undefined) yield { kind: "added", path, after };
}

function* listDifferences(path: FieldPath, before: readonly unknown[], after: readonly unknown[], how: Comparison): Generator<FieldChange> {
  const [old, now] = [keyedItems(path, before), keyedItems(path, after)];
  if (old !== undefined && now !== undefined) return yield* keyedDifferences(path, old, now, how);
  for (let index = 0; index < Math.max(before.length, after.length); index += 1)
    yield* member([...path, index], before[index], after[index], how);
}

function* keyedDifferences(path: FieldPath, before: KeyedItems, after: KeyedItems, how: Comparison): Generator<FieldChange> {
  const keys = how.partial ? before.keys() : new Set([...before.keys(), ...after.keys()]);
  for (const item of keys) yield* member([...path, { item }], before.get(item), after.get(item), how);
  const [old, now] = [[...before.keys()].filter((key) => after.has(key)), [...after.keys()].filter((key) => before.has(key))];
  if (!how.partial && canonicalJson(old) !== canonicalJson(now)) yield { kind: "reordered", path, before: old, after: now };
}
