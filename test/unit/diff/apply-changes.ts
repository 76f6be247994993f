import type { FieldChange } from "../../../src/domain/diff/compare.ts";
import type { FieldPath, PathStep } from "../../../src/domain/diff/field-path.ts";
import { keyedItems } from "../../../src/domain/diff/list-items.ts";

type Node = Record<string, unknown> | unknown[];

/** What the changes make of an object: the answer that they have to give again. Removals go last to first, so that indexes hold. */
export function applyChanges(before: unknown, changes: readonly FieldChange[]): unknown {
  const result: unknown = structuredClone(before);
  const ordered = [...changes.filter(({ kind }) => kind !== "removed"), ...changes.filter(({ kind }) => kind === "removed").toReversed()];
  for (const change of ordered) apply(result, change);
  return result;
}

function apply(root: unknown, change: FieldChange): void {
  const { path } = change;
  const owner = nodeAt(root, path.slice(0, -1));
  const step = path.at(-1);
  if (step === undefined) throw new Error("a change of the whole object");
  if (change.kind === "removed") remove(owner, path, step);
  else if (change.kind === "reordered") reorder(nodeAt(root, path) as unknown[], change);
  else put(owner, path, step, change.after);
}

/** Puts the items that both lists have into the other order, each where another of them was. */
function reorder(list: unknown[], { path, before, after }: FieldChange & { readonly kind: "reordered" }): void {
  const items = keyedItems(path, list);
  const places = before.map((key) => list.indexOf(items?.get(key))).toSorted((a, b) => a - b);
  for (const [index, place] of places.entries()) list[place] = items?.get(after[index] ?? "");
}

function nodeAt(root: unknown, path: FieldPath): Node {
  let node = root as Node;
  for (const [depth, step] of path.entries())
    node = (node as Record<PropertyKey, unknown>)[keyIn(node, path.slice(0, depth), step)] as Node;
  return node;
}

/** Where the item of a step stands; the end of the list when it is not there. */
function keyIn(node: Node, path: FieldPath, step: PathStep): string | number {
  if (typeof step !== "object") return step;
  const list = node as unknown[];
  const item = keyedItems(path, list)?.get(step.item);
  return item === undefined ? list.length : list.indexOf(item);
}

function put(owner: Node, path: FieldPath, step: PathStep, value: unknown): void {
  (owner as Record<PropertyKey, unknown>)[keyIn(owner, path.slice(0, -1), step)] = structuredClone(value);
}

function remove(owner: Node, path: FieldPath, step: PathStep): void {
  const key = keyIn(owner, path.slice(0, -1), step);
  if (Array.isArray(owner)) owner.splice(Number(key), 1);
  else delete owner[key];
}
