import { answer, coerce, type Draft } from "../domain/answers/draft.ts";
import { type FieldPath, fieldAt } from "../domain/answers/fields.ts";
import { answerIssue } from "../domain/answers/issues.ts";
import { assertNever } from "../domain/assert-never.ts";
import type { AnswerChecks } from "../ports/answer-checks.ts";
import type { Prompter, Verdict } from "../ports/prompter.ts";
import { askSecret } from "./ask-secret.ts";
import { answerAt, type ChoiceQuestion, type ConfirmQuestion, type Question, type Situation, type TextQuestion } from "./question.ts";

/** What asking needs. */
export interface AskPorts {
  readonly prompter: Prompter;
  readonly checks: AnswerChecks;
}

/**
 * Asks one question and gives the draft with its answer. What an earlier run answered stands as the default; what a flag or the environment decides is not asked.
 * @throws Problem CANCELLED
 */
export async function ask(question: Question, situation: Situation, ports: AskPorts, signal: AbortSignal): Promise<Draft> {
  const { draft } = situation;
  if (draft.fixed(question.path) || question.when?.(situation) === false) return draft;
  switch (question.kind) {
    case "text":
      return askText(question, situation, ports, signal);
    case "choice":
      return askChoice(question, situation, ports, signal);
    case "confirm":
      return askConfirm(question, situation, ports);
    case "secret":
      return askSecret(question, situation, ports, signal);
    default:
      return assertNever(question);
  }
}

async function askText(question: TextQuestion, situation: Situation, { prompter, checks }: AskPorts, signal: AbortSignal): Promise<Draft> {
  const { message, hint, optional, check, suggest } = question;
  const judge = async (text: string): Promise<Verdict> => {
    if (text.trim() === "") return optional === true ? undefined : "an answer is needed here";
    const draft = withAnswer(question, situation, text);
    return answerIssue(draft) ?? (await check?.({ ...situation, draft }, checks, signal));
  };
  const suggestion = oldText(question, situation) ?? suggest?.(situation);
  return withAnswer(
    question,
    situation,
    await prompter.text({ message, hint, default: suggestion, clearable: optional === true, check: judge }),
  );
}

async function askChoice(question: ChoiceQuestion, situation: Situation, ports: AskPorts, signal: AbortSignal): Promise<Draft> {
  const { message, hint, orSkip } = question;
  const choices = question.choices(situation);
  const old = oldText(question, situation);
  const [first, ...others] = choices ?? [];
  if (first === undefined)
    return orSkip === true && old === undefined ? situation.draft : askText({ ...question, kind: "text" }, situation, ports, signal);
  if (others.length === 0 && (old === undefined || old === first.value)) {
    ports.prompter.tell(`${message} ${first.name} (the only one there is)`);
    return withAnswer(question, situation, first.value);
  }
  const known = [first, ...others];
  const wanted = known.some(({ value }) => value === old) ? old : question.suggest?.(situation);
  if (old !== undefined && wanted !== old) ports.prompter.tell(`"${old}", answered before, is not there any more`);
  return withAnswer(question, situation, await ports.prompter.choose({ message, hint, choices: known, default: wanted }));
}

async function askConfirm({ path, message, hint, suggest }: ConfirmQuestion, situation: Situation, { prompter }: AskPorts): Promise<Draft> {
  const old = answerAt(situation, path);
  return answer(
    situation.draft,
    path,
    await prompter.confirm({ message, hint, default: typeof old === "boolean" ? old : suggest(situation) }),
  );
}

/** The draft with what the text stands for; nothing, where the text is only what the profile has anyway. */
function withAnswer(question: TextQuestion | ChoiceQuestion, situation: Situation, text: string): Draft {
  const { path, fromProfile, suggest } = question;
  const trimmed = text.trim();
  const unsaid = fromProfile === true && trimmed === suggest?.(situation) && trimmed !== oldText(question, situation);
  return answer(situation.draft, path, trimmed === "" || unsaid ? undefined : parsedAnswer(path, trimmed));
}

function parsedAnswer(path: FieldPath, text: string): unknown {
  const field = fieldAt(path);
  return field.kind === "list" ? text.split(/[\s,]+/) : coerce(field, text);
}

/** What was answered before, as it would be typed. */
function oldText({ path }: Question, situation: Situation): string | undefined {
  const old = answerAt(situation, path);
  if (old === undefined) return undefined;
  return Array.isArray(old) ? old.join(", ") : String(old);
}
