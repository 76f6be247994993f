import { Problem } from "../errors/problem.ts";
import { type Answers, answersSchema, answersVersion } from "./answers.ts";
import { clearSecrets } from "./clear-secrets.ts";
import { type AnswerSources, type Draft, draftAnswers } from "./draft.ts";
import { issueProblem } from "./issues.ts";
import { migrations } from "./migrations/migrate.ts";
import { missingFields, missingProblem } from "./missing.ts";
import { valueAt } from "./tree.ts";

export type { AnswerSources } from "./draft.ts";

/**
 * The complete answers from flags, environment and file, defaults filled in; no I/O.
 * @throws Problem ANSWERS_SYNTAX, ANSWERS_VERSION, ANSWERS_SECRET_IN_CLEAR, ANSWERS_KEY_UNKNOWN, ANSWERS_NAME_REFUSED, ANSWERS_INVALID, ANSWERS_MISSING
 */
export function resolveAnswers(sources: AnswerSources): Answers {
  return completeAnswers(checkedDraft(sources));
}

/**
 * What flags, environment and file decide, judged as far as that goes without what is still missing.
 * @throws as {@link resolveAnswers}, except ANSWERS_MISSING
 */
export function checkedDraft(sources: AnswerSources): Draft {
  const draft = draftAnswers(sources);
  checkVersion(draft, sources);
  checkSecrets(draft);
  const problem = issueProblem(draft);
  if (problem !== undefined) throw problem;
  return draft;
}

/**
 * Fills in the defaults; never invents an answer that has none.
 * @throws Problem ANSWERS_MISSING (one, naming every missing answer with its flag), ANSWERS_* for what a wizard put in
 */
export function completeAnswers(draft: Draft): Answers {
  const missing = missingFields(draft);
  if (missing.length > 0) throw missingProblem(missing);
  const parsed = answersSchema.safeParse({ version: answersVersion, ...draft.tree });
  if (parsed.success) return parsed.data;
  throw issueProblem(draft) ?? new TypeError("answers were refused without an issue", { cause: parsed.error });
}

function checkVersion(draft: Draft, { file }: AnswerSources): void {
  if (file === undefined) return;
  const version = valueAt(draft.tree, ["version"]);
  if (version === answersVersion) return;
  const place = draft.source(["version"]);
  if (version === undefined) throw new Problem("ANSWERS_VERSION", { what: `${place}: there is no \`version:\` in this file` });
  const newer = /^migratectl\/v(\d+)/.exec(String(version));
  if (newer !== null && Number(newer[1]) > migrations.length + 1) {
    throw new Problem("ANSWERS_VERSION", {
      what: `${place}: these answers are of version migratectl/v${newer[1]}; this migratectl reads ${answersVersion}`,
      why: "The file was written by a newer migratectl, and an older one could misread it.",
      fix: "Use a migratectl at least as new as the one that wrote the file (a bundle carries one), or write new answers with `migratectl configure --answers OTHER.yaml`.",
    });
  }
  throw new Problem("ANSWERS_VERSION", { what: `${place}: this version is unknown; this migratectl reads ${answersVersion}` });
}

function checkSecrets(draft: Draft): void {
  const found = clearSecrets(draft.tree);
  if (found.length === 0) return;
  const places = found.map((path) => `${draft.source(path)}: ${path.join(".")}`);
  throw new Problem("ANSWERS_SECRET_IN_CLEAR", {
    what: `a secret stands in clear at ${places.join(", ")} (the value is not repeated here)`,
    data: { paths: found.map((path) => path.join(".")) },
  });
}
