import { dirname } from "node:path";
import { type Assignment, parseAssignment } from "./assignment.ts";
import { type AnswersDocument, type AnswersFile, readDocument } from "./document.ts";
import { environmentName, type Field, fields, secretVariable } from "./fields.ts";
import { fromFolder } from "./file-paths.ts";
import type { MigratedAnswers } from "./migrations/migration.ts";
import { mergeTrees, type Tree, valueAt, withoutValue, withValue } from "./tree.ts";

/** Where answers come from, strongest first: flags, environment, file. */
export interface AnswerSources {
  /** What the command line parser gave, by flag name; flags that are no answers are ignored. */
  readonly flags: Readonly<Record<string, unknown>>;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly file?: AnswersFile | undefined;
}

/** What is decided so far: nothing is checked and no default is filled in yet. Every relative path in it is relative to the current directory. */
export interface Draft {
  readonly tree: Tree;
  /** Where the answer at a path comes from: `--registry`, `MIGRATECTL_REGISTRY`, `migratectl.yaml:12`, or the wizard. */
  source(path: readonly PropertyKey[]): string;
  /** True when a flag or the environment decides this path: the wizard does not ask then. */
  fixed(path: string): boolean;
  /** What became of a file of an earlier version; undefined where there is none. */
  readonly migrated: MigratedAnswers | undefined;
}

/**
 * Lays the sources over each other. Relative paths of the file are relative to its folder, those of flags and environment to the current directory.
 * @throws Problem ANSWERS_SYNTAX, USAGE (a --set that is no KEY=VALUE)
 */
export function draftAnswers(sources: AnswerSources): Draft {
  const document = sources.file === undefined ? undefined : readDocument(sources.file);
  const filed = fromFolder(document?.tree ?? {}, dirname(sources.file?.path ?? ""));
  const given = givenAnswers(sources);
  const above = impliedTls(given.reduce<Tree>((tree, { path, value }) => withValue(tree, path, value), {}));
  const overruled = given.flatMap(({ path, whole }) => [...(whole === true ? [path] : []), ...insteadOf(path)]);
  const below = overruled.reduce((tree, path) => withoutValue(tree, path), matchingTls(filed, above));
  return draft(mergeTrees(below, above), given, document);
}

/** What means nothing without the answer it belongs to. */
const belonging: Readonly<Record<string, readonly string[]>> = {
  "registry.username": ["registry.password"],
  "llm.baseUrl": ["llm.apiKey", "llm.egressCidrs"],
};

/** Answers of which only one may be given: whoever gives the one takes the other back. */
const alternatives: Readonly<Record<string, string>> = {
  "backup.retentionFull": "backup.retentionDays",
  "backup.retentionDays": "backup.retentionFull",
};

function insteadOf(path: readonly string[]): readonly (readonly string[])[] {
  const other = alternatives[path.join(".")];
  return other === undefined ? [] : [other.split(".")];
}

/**
 * The same draft with one more answer, given by the wizard; undefined takes it away, with what belonged to it. Another TLS mode drops what
 * belonged to the old one, and an answer of which only one may be given the other.
 */
export function answer(old: Draft, path: string, value: unknown): Draft {
  const keys = path.split(".");
  if (value === undefined) {
    const gone = [path, ...(belonging[path] ?? []).filter((one) => !old.fixed(one))];
    return { ...old, tree: gone.reduce((tree, one) => withoutValue(tree, one.split(".")), old.tree) };
  }
  const added = withValue({}, keys, value);
  const below = insteadOf(keys).reduce((tree, other) => withoutValue(tree, other), matchingTls(old.tree, added));
  return { ...old, tree: withValue(below, keys, value) };
}

interface Given {
  readonly path: readonly string[];
  readonly value: unknown;
  readonly source: string;
  /** Nothing of the file's answer at this path is kept: a reference to a secret is one or the other. */
  readonly whole?: true;
}

function draft(tree: Tree, given: readonly Given[], document: AnswersDocument | undefined): Draft {
  const giver = (path: readonly string[]) => given.find((one) => startsWith(path, one.path) || startsWith(one.path, path));
  return {
    tree,
    source: (path) => giver(path.map(String))?.source ?? document?.place(path) ?? "the wizard",
    fixed: (path) => giver(path.split(".")) !== undefined,
    migrated: document?.migrated,
  };
}

function givenAnswers({ flags, environment }: AnswerSources): readonly Given[] {
  return fields.flatMap((field) => {
    const byFlag = fromFlag(field, flags[field.flag]);
    return byFlag.length > 0 ? byFlag : fromEnvironment(field, environment);
  });
}

function fromFlag(field: Field, value: unknown): readonly Given[] {
  if (value === undefined) return [];
  const source = `--${field.flag}`;
  const path = field.path.split(".");
  if (field.kind === "assignments")
    return listOf(value)
      .map(parseAssignment)
      .map((one: Assignment) => ({ path: [...path, ...one.path], value: one.value, source: `${source} ${one.path.join(".")}` }));
  if (field.kind === "list") return [{ path, value: listOf(value), source }];
  if (field.kind === "secret") return [{ path, value: { file: value }, source, whole: true }];
  return [{ path, value: typeof value === "string" ? coerce(field, value) : value, source }];
}

/** An environment variable that is set to nothing counts as not set. */
function fromEnvironment(field: Field, environment: AnswerSources["environment"]): readonly Given[] {
  const name = environmentName(field);
  const path = field.path.split(".");
  const text = environment[name] ?? "";
  if (field.kind === "assignments") return [];
  if (field.kind === "secret") {
    if (text !== "") return [{ path, value: { file: text }, source: name, whole: true }];
    const inClear = secretVariable(field);
    return (environment[inClear] ?? "") === "" ? [] : [{ path, value: { env: inClear }, source: inClear, whole: true }];
  }
  if (text === "") return [];
  return [{ path, value: field.kind === "list" ? text.split(",").map((part) => part.trim()) : coerce(field, text), source: name }];
}

/** The value that the text of a flag, a variable or an answer stands for. Text that is no boolean or number stays text: the schema then says what it should have been. */
export function coerce(field: Field, text: string): unknown {
  if (field.kind === "boolean")
    return { true: true, "1": true, yes: true, false: false, "0": false, no: false }[text.toLowerCase()] ?? text;
  if (field.kind === "integer") return /^-?[0-9]{1,9}$/.test(text) ? Number(text) : text;
  return text;
}

const tls = ["ingress", "tls"] as const;
const modeOf = { certFile: "files", keyFile: "files", secretName: "secret", issuer: "cert-manager", issuerKind: "cert-manager" } as const;

/** `--tls-cert-file` alone says already that the mode is `files`. */
function impliedTls(tree: Tree): Tree {
  if (valueAt(tree, [...tls, "mode"]) !== undefined) return tree;
  const implied = Object.entries(modeOf).find(([key]) => valueAt(tree, [...tls, key]) !== undefined);
  return implied === undefined ? tree : withValue(tree, [...tls, "mode"], implied[1]);
}

/** When flags choose another mode than the file, what the file says about its mode no longer counts. */
function matchingTls(below: Tree, above: Tree): Tree {
  const wanted = valueAt(above, [...tls, "mode"]);
  return wanted === undefined || valueAt(below, [...tls, "mode"]) === wanted ? below : withoutValue(below, tls);
}

function listOf(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.map(String) : [String(value)];
}

function startsWith(path: readonly string[], prefix: readonly string[]): boolean {
  return prefix.every((key, index) => path[index] === key);
}
