import { type Document, isMap, isNode, isScalar, LineCounter, parseDocument } from "yaml";
import { Problem } from "../errors/problem.ts";
import { migrateDocument } from "./migrations/migrate.ts";
import type { MigratedAnswers } from "./migrations/migration.ts";
import { isTree, type Tree } from "./tree.ts";

/** An answers file as it stands on disk. */
export interface AnswersFile {
  readonly path: string;
  readonly text: string;
}

/** The content of an answers file as the version that is written now has it, and where each part of it stands. */
export interface AnswersDocument {
  readonly tree: Tree;
  /** What became of answers of an earlier version; absent where they are of this one. */
  readonly migrated: MigratedAnswers | undefined;
  /** `migratectl.yaml:12`, the line of the key (or of the nearest one above it). */
  place(path: readonly PropertyKey[]): string;
}

/** Longest file that is read, in characters. */
const longestFile = 1_000_000;

/** Aliases that may be followed; more is a document made to explode. */
const mostAliases = 50;

/**
 * Reads an answers file, of whatever version up to this one. Messages name the line and never quote the file, because what is broken may be a secret.
 * @throws Problem ANSWERS_SYNTAX
 */
export function readDocument(file: AnswersFile): AnswersDocument {
  if (file.text.length > longestFile)
    throw new Problem("ANSWERS_SYNTAX", {
      what: `${file.path} has ${file.text.length} characters; an answers file has at most ${longestFile}`,
    });
  const lines = new LineCounter();
  const document = parseDocument(file.text, { lineCounter: lines, prettyErrors: false, version: "1.2", schema: "core" });
  const [error] = [...document.errors, ...document.warnings];
  if (error !== undefined) {
    const { line, col } = lines.linePos(error.pos[0]);
    throw new Problem("ANSWERS_SYNTAX", { what: `${file.path}:${line}:${col}: ${phrases[error.code] ?? "this is not valid YAML"}` });
  }
  // First as it stands: what cannot be read at all cannot be migrated.
  content(document, file);
  const migrated = migrateDocument(document);
  return { tree: content(document, file), migrated, place: (path) => `${file.path}:${lineOf(document, lines, path)}` };
}

function content(document: Document.Parsed, file: AnswersFile): Tree {
  let value: unknown;
  try {
    value = document.toJS({ maxAliasCount: mostAliases });
  } catch {
    throw new Problem("ANSWERS_SYNTAX", {
      what: `${file.path} uses YAML aliases (*name) that do not resolve or expand too far`,
      fix: "Write the values out instead of using anchors and aliases.",
    });
  }
  if (value === null || value === undefined) return {};
  if (!isTree(value)) throw new Problem("ANSWERS_SYNTAX", { what: `${file.path} is not a mapping of keys to values` });
  return value;
}

function lineOf(document: Document.Parsed, lines: LineCounter, path: readonly PropertyKey[]): number {
  let node: unknown = document.contents;
  let offset = 0;
  for (const step of path) {
    if (!isMap(node)) break;
    const pair = node.items.find(({ key }) => String(isScalar(key) ? key.value : key) === String(step));
    if (pair === undefined) break;
    if (isNode(pair.key) && pair.key.range) offset = pair.key.range[0];
    node = pair.value;
  }
  return lines.linePos(offset).line;
}

const phrases: Readonly<Record<string, string>> = {
  BAD_INDENT: "the indentation does not fit the lines above",
  TAB_AS_INDENT: "a tab is used for indentation; YAML wants spaces",
  DUPLICATE_KEY: "this key stands twice in the same mapping",
  MISSING_CHAR: "a character is missing, such as a closing quote or bracket, or the blank after a colon",
  MULTILINE_IMPLICIT_KEY: "a key goes over several lines; is a colon missing?",
  UNEXPECTED_TOKEN: "something stands here that does not belong here",
  BAD_ALIAS: "an alias (*name) stands here; quote the text if it begins with an asterisk",
  MULTIPLE_DOCS: "the file holds more than one document (---)",
  TAG_RESOLVE_FAILED: "a tag (!name) stands here; quote the text if it begins with an exclamation mark",
  BLOCK_AS_IMPLICIT_KEY: "a colon too many stands on this line; quote the text",
};
