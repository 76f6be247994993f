import { type Document, isMap, isNode, isScalar, type Node, type Pair, Scalar, visit, YAMLMap } from "yaml";

/** Aliases that are written out at most; a document with more is left as it is. */
const mostAliases = 50;

/**
 * Moves a key with its value, its place in the text and every comment that belongs to it; sections that are left empty go. Changes nothing where
 * the key is not there, or where something else stands in the way.
 */
export function moveKey(document: Document, from: readonly string[], to: readonly string[]): boolean {
  if (!document.hasIn(from) || document.hasIn(to) || !isRoomFor(document, to)) return false;
  const pair = takeOut(document, from);
  if (pair === undefined) return false;
  const key = isScalar(pair.key) ? pair.key : new Scalar(from.at(-1));
  key.value = to.at(-1);
  sectionFor(document, to.slice(0, -1)).items.push(Object.assign(pair, { key }));
  return true;
}

/** Takes a key away, with the comments that belong to it. False where it is not there. */
export function removeKey(document: Document, path: readonly string[]): boolean {
  return takeOut(document, path) !== undefined;
}

/** Writes aliases (*name) out, so that what they stand for may be moved behind them. */
export function writeOutAliases(document: Document): void {
  let written = 0;
  visit(document, {
    Alias(_, alias, above) {
      const found = alias.resolve(document);
      if (found === undefined || above.includes(found) || written >= mostAliases) return undefined;
      written += 1;
      return withoutAnchors(found.clone() as Node);
    },
  });
}

function withoutAnchors(copy: Node): Node {
  visit(copy, {
    Value(_, node) {
      delete node.anchor;
    },
  });
  return copy;
}

/** Every section on the way is a mapping, or not there yet. */
function isRoomFor(document: Document, path: readonly string[]): boolean {
  return path.every((_, depth) => {
    const section = document.getIn(path.slice(0, depth), true);
    return section === undefined || isMap(section) || (depth > 0 && isEmpty(section));
  });
}

/** The pair at a path, out of the document; what was written above or behind the sections that it leaves empty is written above it. */
function takeOut(document: Document, path: readonly string[]): Pair | undefined {
  const section = document.getIn(path.slice(0, -1), true);
  if (!isMap(section)) return undefined;
  const index = section.items.findIndex(({ key }) => (isScalar(key) ? key.value : key) === path.at(-1));
  const [pair] = index < 0 ? [] : section.items.splice(index, 1);
  if (pair === undefined) return undefined;
  const isTop = path.length === 1;
  // YAML's reader keeps what stands above the first key of a section with the section.
  const above = index === 0 && !isTop ? section.commentBefore : undefined;
  if (above !== undefined) section.commentBefore = null;
  const emptied = !isTop && section.items.length === 0 ? takeOut(document, path.slice(0, -1)) : undefined;
  const { key } = pair;
  if (isScalar(key)) key.commentBefore = joined(...commentsOf(emptied), above, key.commentBefore);
  return pair;
}

/** What is written at an empty section. */
function commentsOf(section: Pair | undefined): readonly (string | null | undefined)[] {
  const [key, value] = [section?.key, section?.value];
  return [
    isScalar(key) ? key.commentBefore : undefined,
    isNode(value) ? value.commentBefore : undefined,
    isNode(value) ? value.comment : undefined,
  ];
}

/** The mapping at a path; one that is not there, or is empty, becomes one. */
function sectionFor(document: Document, path: readonly string[]): YAMLMap {
  for (let depth = 1; depth <= path.length; depth++) {
    const at = path.slice(0, depth);
    const there = document.getIn(at, true);
    if (isMap(there)) continue;
    const section = new YAMLMap(document.schema);
    if (isScalar(there)) section.commentBefore = joined(there.commentBefore, there.comment);
    document.setIn(at, section);
  }
  return document.getIn(path, true) as YAMLMap;
}

function isEmpty(node: unknown): boolean {
  return isScalar(node) && node.value === null;
}

function joined(...comments: readonly (string | null | undefined)[]): string | null {
  const written = comments.filter((comment) => comment !== undefined && comment !== null && comment !== "");
  return written.length === 0 ? null : written.join("\n");
}
