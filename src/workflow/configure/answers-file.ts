import { Document, isMap, isScalar, type Pair, parseDocument, Scalar, type YAMLMap } from "yaml";
import { answersVersion } from "../../domain/answers/answers.ts";
import type { AnswersFile } from "../../domain/answers/document.ts";
import { type Field, fields } from "../../domain/answers/fields.ts";
import { isTree, leaves, type Tree, valueAt } from "../../domain/answers/tree.ts";

const header = ` Answers for migratectl: what was decided about one installation. Holds no secret, only where secrets are; fit to be kept in git.
 What is not here is decided by the profile or by a default: \`migratectl configure\` asks again, starting from this file.`;

/** Places that change as a whole: a reference to a secret is another one, not the old one with another key. */
const units = (fields as readonly Field[]).filter(({ kind }) => kind !== "assignments").map(({ path }) => path.split("."));

/** migratectl.yaml with these answers: keys in the order of the fields, comments of a file that was there before are kept. */
export function writeAnswersFile(tree: Tree, old?: AnswersFile): string {
  const document = old === undefined ? new Document({}) : parseDocument(old.text);
  if (old === undefined || !isMap(document.contents)) {
    document.contents = document.createNode({});
    document.commentBefore = header;
  }
  const extra = (from: unknown) => (isTree(from) ? [...leaves(from)].map(({ path }) => ["values", ...path]) : []);
  const before: unknown = document.toJS();
  const paths = [["version"], ...units, ...extra(valueAt(tree, ["values"])), ...extra(valueAt(before, ["values"]))];
  const wanted = { ...tree, version: answersVersion };
  for (const path of paths) place(document, path, valueAt(before, path), valueAt(wanted, path));
  if (isMap(document.contents)) arrange(document.contents, []);
  return document.toString({ lineWidth: 0 });
}

function place(document: Document, path: readonly string[], old: unknown, value: unknown): void {
  if (JSON.stringify(old) === JSON.stringify(value)) return;
  if (value === undefined) {
    document.deleteIn(path);
    for (let above = path.slice(0, -1); above.length > 0; above = above.slice(0, -1))
      if (isEmptyMap(document.getIn(above, true))) document.deleteIn(above);
    return;
  }
  for (let depth = 1; depth < path.length; depth++) {
    const above = path.slice(0, depth);
    if (!isMap(document.getIn(above, true))) document.setIn(above, document.createNode({}));
  }
  // A scalar that is there keeps its node, and with it the comment a person wrote beside it.
  document.setIn(path, isTree(value) || Array.isArray(value) ? document.createNode(value) : value);
}

/** Brings keys into the order of the fields and gives those that are new their comment. */
function arrange(map: YAMLMap, prefix: readonly string[]): void {
  const rank = (pair: Pair) => {
    const path = [...prefix, keyOf(pair)].join(".");
    const found = fields.findIndex((field) => field.path === path || field.path.startsWith(`${path}.`));
    return path === "version" ? -1 : found === -1 ? fields.length : found;
  };
  map.items.sort((a, b) => rank(a) - rank(b));
  map.items.forEach((pair, index) => {
    const path = [...prefix, keyOf(pair)];
    const isNew = !isScalar(pair.key);
    if (!isScalar(pair.key)) pair.key = new Scalar(pair.key);
    const field: Field | undefined = fields.find((one) => one.path === path.join("."));
    if (isNew && isScalar(pair.key)) {
      if (field !== undefined) pair.key.commentBefore = ` ${comment(field)}`;
      pair.key.spaceBefore = prefix.length === 0 && index > 0;
    }
    if (isMap(pair.value) && field === undefined) arrange(pair.value, path);
  });
}

function comment({ kind, help, options }: Field): string {
  if (kind === "secret") return "where the secret is: { file: PATH }, { env: NAME } or { secret: NAME, key: KEY }";
  if (kind === "assignments") return "chart values for what no question covers; they win over everything above";
  return options === undefined ? help : `${help} (${options.join(", ")})`;
}

function keyOf({ key }: Pair): string {
  return String(isScalar(key) ? key.value : key);
}

function isEmptyMap(node: unknown): boolean {
  return isMap(node) && node.items.length === 0;
}
