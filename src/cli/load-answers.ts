import { readFile } from "node:fs/promises";
import type { Answers } from "../domain/answers/answers.ts";
import type { AnswersFile } from "../domain/answers/document.ts";
import type { AnswerSources, Draft } from "../domain/answers/draft.ts";
import { missingFields, missingProblem } from "../domain/answers/missing.ts";
import type { NeededAnswer } from "../domain/answers/needed.ts";
import { checkedDraft, completeAnswers } from "../domain/answers/resolve.ts";
import { Problem } from "../domain/errors/problem.ts";
import type { Globals } from "./global-flags.ts";
import { tellMigrated } from "./tell-migrated.ts";

/** Where answers are kept unless --answers says otherwise. */
export const defaultAnswersFile = "migratectl.yaml";

/** Parsed flags of a command, as they are. */
export type ParsedFlags = Readonly<Record<string, unknown>>;

/**
 * The complete answers of a command: flags, MIGRATECTL_*, --answers (or ./migratectl.yaml when there is one), and with a terminal the person for what
 * is still missing; `kept` stands in for a file where there is none. The context and namespace to use are the answers' (`cluster.context`, `release.namespace`): the global flags are in them already.
 * @throws Problem ANSWERS_*, FILE_UNREADABLE, CANCELLED
 */
export async function loadAnswers(flags: ParsedFlags, globals: Globals, kept?: AnswersFile): Promise<Answers> {
  return await settleAnswers(await loadDraft(flags, globals, kept), globals);
}

/** What is decided without asking anybody; the rest as {@link loadAnswers}. @throws Problem ANSWERS_*, FILE_UNREADABLE */
export async function loadDraft(flags: ParsedFlags, globals: Globals, kept?: AnswersFile): Promise<Draft> {
  const sources = await answerSources(flags, globals);
  const draft = checkedDraft({ ...sources, file: sources.file ?? kept });
  tellMigrated(draft, sources.file ?? kept, sources.file === undefined ? "kept" : "file", globals);
  return draft;
}

/**
 * The complete answers: with a terminal the person is asked for what is missing, and for what a release needs besides.
 * @throws Problem ANSWERS_MISSING (one, naming everything), CANCELLED
 */
export async function settleAnswers(draft: Draft, globals: Globals, needed: readonly NeededAnswer[] = []): Promise<Answers> {
  const missing = missingFields(draft);
  if (missing.length === 0 && needed.length === 0) return completeAnswers(draft);
  if (mayAsk(globals)) {
    const { askMissing } = await import("./compose/configure.ts");
    return completeAnswers(await askMissing(draft, needed, globals));
  }
  const told = needed.map((one) => ({ ...one, help: `${one.help}. ${one.note}` }));
  throw missingProblem([...missing, ...told.filter(({ path }) => !missing.some((one) => one.path === path))]);
}

/** Flags, environment and the content of the answers file. @throws Problem FILE_UNREADABLE when --answers names a file that is not there */
export async function answerSources(flags: ParsedFlags, globals: Pick<Globals, "answers">): Promise<AnswerSources> {
  return { flags, environment: process.env, file: await readAnswersFile(globals.answers) };
}

/** As {@link answerSources}, for a command that writes the answers file: one that is not there yet is a new one. */
export async function answerSourcesForWriting(flags: ParsedFlags, globals: Pick<Globals, "answers">): Promise<AnswerSources> {
  return { flags, environment: process.env, file: await readAnswersFile(globals.answers, true) };
}

/** The answers file, or undefined when it does not exist and need not. @throws Problem FILE_UNREADABLE */
async function readAnswersFile(named: string | undefined, mayBeAbsent = named === undefined): Promise<AnswersFile | undefined> {
  const path = named ?? defaultAnswersFile;
  try {
    return { path, text: await readFile(path, "utf8") };
  } catch (cause) {
    const absent = cause instanceof Error && "code" in cause && cause.code === "ENOENT";
    if (absent && mayBeAbsent) return undefined;
    throw new Problem("FILE_UNREADABLE", {
      what: `the answers file ${path} ${absent ? "does not exist" : `cannot be read: ${cause instanceof Error ? cause.message : String(cause)}`}`,
      fix: "Check the path, or run `migratectl configure --answers PATH` to make the file.",
      cause,
    });
  }
}

/** True when a person can be asked: a terminal on both sides, neither --yes nor --json. */
export function mayAsk(globals: Pick<Globals, "yes" | "json">): boolean {
  return !globals.yes && !globals.json && process.stdin.isTTY === true && process.stderr.isTTY === true;
}
