import type { Answers } from "../domain/answers/answers.ts";
import { answer } from "../domain/answers/draft.ts";
import { missingFields } from "../domain/answers/missing.ts";
import { completeAnswers } from "../domain/answers/resolve.ts";
import type { Globals } from "./global-flags.ts";
import { loadDraft, type ParsedFlags } from "./load-answers.ts";

/** What stands for answers that have no default; `.invalid` never resolves (RFC 2606). */
const placeholders = { "registry.host": "registry.invalid", "ingress.host": "platform.invalid" } as const;

/** Preflight's answers, and the paths of those that nobody gave yet. */
export interface PreflightAnswers {
  readonly answers: Answers;
  readonly undecided: ReadonlySet<string>;
}

/**
 * The answers as far as they are given. Preflight is run before everything is decided, so that it asks nobody: the registry and the host
 * name become placeholders, which no check judges.
 * @throws Problem ANSWERS_*, FILE_UNREADABLE
 */
export async function preflightAnswers(flags: ParsedFlags, globals: Globals): Promise<PreflightAnswers> {
  const draft = await loadDraft(flags, globals);
  const missing = missingFields(draft).flatMap(({ path }) => (isPlaceholder(path) ? [path] : []));
  const filled = missing.reduce((sum, path) => answer(sum, path, placeholders[path]), draft);
  return { answers: completeAnswers(filled), undecided: new Set(missing) };
}

function isPlaceholder(path: string): path is keyof typeof placeholders {
  return path in placeholders;
}
