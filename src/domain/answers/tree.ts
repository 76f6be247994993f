/** A value as YAML or JSON gives it, keyed by text. */
export type Tree = { readonly [key: string]: unknown };

/** True for a mapping (not a list, not null). */
export function isTree(value: unknown): value is Tree {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** The value at a path, or undefined; only own keys count, so that no prototype can be read. */
export function valueAt(tree: unknown, path: readonly string[]): unknown {
  return path.reduce<unknown>((value, key) => (isTree(value) && Object.hasOwn(value, key) ? value[key] : undefined), tree);
}

/** A copy with the value at the path; what is no mapping on the way is replaced. */
export function withValue(tree: Tree, path: readonly string[], value: unknown): Tree {
  const [key, ...rest] = path;
  if (key === undefined) return isTree(value) ? value : tree;
  const below = Object.hasOwn(tree, key) ? tree[key] : undefined;
  return ownCopy([
    ...new Map(Object.entries(tree)).set(key, rest.length === 0 ? value : withValue(isTree(below) ? below : {}, rest, value)),
  ]);
}

/** A copy without the value at the path. */
export function withoutValue(tree: Tree, path: readonly string[]): Tree {
  const [key, ...rest] = path;
  if (key === undefined || !Object.hasOwn(tree, key)) return tree;
  const below = tree[key];
  if (rest.length === 0) return ownCopy(Object.entries(tree).filter(([name]) => name !== key));
  return isTree(below) ? ownCopy(Object.entries(tree).map(([name, old]) => [name, name === key ? withoutValue(below, rest) : old])) : tree;
}

/** Two trees as one: mappings merge key by key, of everything else the one on top wins. */
export function mergeTrees(below: Tree, above: Tree): Tree {
  const entries = new Map(Object.entries(below));
  for (const [key, value] of Object.entries(above)) {
    const old = entries.get(key);
    entries.set(key, isTree(old) && isTree(value) ? mergeTrees(old, value) : value);
  }
  return ownCopy([...entries]);
}

/** Every path that leads to something other than a mapping. */
export function* leaves(
  tree: Tree,
  prefix: readonly string[] = [],
): Generator<{ readonly path: readonly string[]; readonly value: unknown }> {
  for (const [key, value] of Object.entries(tree)) {
    if (isTree(value)) yield* leaves(value, [...prefix, key]);
    else yield { path: [...prefix, key], value };
  }
}

/** An object whose keys are all its own, `__proto__` too. */
function ownCopy(entries: readonly (readonly [string, unknown])[]): Tree {
  return Object.fromEntries(entries);
}
