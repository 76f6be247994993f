import { dirname, isAbsolute, relative, resolve } from "node:path";
import { Document, isMap, isScalar, type Pair, parseDocument, Scalar, type YAMLMap } from "yaml";
import { answersVersion } from "../../domain/answers/answers.ts";
import type { AnswersFile } from "../../domain/answers/document.ts";
import { type Field, fields } from "../../domain/answers/fields.ts";
import { pathFrom, withPaths } from "../../domain/answers/file-paths.ts";
import { migrateDocument } from "../../domain/answers/migrations/migrate.ts";
import { isTree, leaves, type Tree, valueAt } from "../../domain/answers/tree.ts";

const header = ` Answers for migratectl: what was decided about one installation. Holds no secret, only where secrets are; fit to be kept in git.
 Paths of files are relative to the folder of this file.
 What is not here is decided by the profile or by a default: \`migratectl configure\` asks again, starting from this file.`;

/** Places that change as a whole: a reference to a secret is another one, not the old one with another key. */
const units = (fields as readonly Field[]).filter(({ kind }) => kind !== "assignments").map(({ path }) => path.split("."));

/**
 * Text of the answers file at `path` with these answers: keys in the order of the fields, comments of a file that was there before are kept, whatever its version was.
 * Paths in the tree are relative to the current directory; in the file they are relative to its folder, so that they are read back as the same.
 */
export function writeAnswersFile(tree: Tree, path: string, old?: AnswersFile): string {
  const document = old === undefined ? new Document({}) : parseDocument(old.text);
  migrateDocument(document);
  if (old === undefined || !isMap(document.contents)) {
    document.contents = document.createNode({});
    document.commentBefore = header;
  }
  const extra = (from: unknown) => (isTree(from) ? [...leaves(from)].map(({ path }) => ["values", ...path]) : []);
  const before: unknown = document.toJS();
  const paths = [["version"], ...units, ...extra(valueAt(tree, ["values"])), ...extra(valueAt(before, ["values"]))];
  const filed = withPaths(tree, (file, key) => pathInFile(file, dirname(path), valueAt(before, key)));
  const wanted = { ...filed, version: answersVersion };
  for (const key of paths) place(document, key, valueAt(before, key), valueAt(wanted, key));
  if (isMap(document.contents)) arrange(document.contents, []);
  return document.toString({ lineWidth: 0 });
}

/** Absolute paths stay, and so does a path that means the same already, however it is written. */
function pathInFile(path: string, folder: string, before: unknown): string {
  if (typeof before === "string" && pathFrom(folder, before) === path) return before;
  if (isAbsolute(path) || folder === ".") return path;
  const written = relative(resolve(folder), resolve(path));
  // A file that was named absolutely (/etc/…) has nothing to do with the folders here: from there, ../../home/… would only puzzle its reader.
  return isAbsolute(folder) && /^\.\.(\/|$)/.test(written) ? resolve(path) : written;
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
