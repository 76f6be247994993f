import { answer, type Draft } from "../domain/answers/draft.ts";
import { fieldAt } from "../domain/answers/fields.ts";
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
  const { path, message, optional, check, suggest } = question;
  const withAnswer = (text: string) => answer(situation.draft, path, parsedAnswer(question, text));
  const judge = async (text: string): Promise<Verdict> => {
    if (text.trim() === "") return optional === true ? undefined : "an answer is needed here";
    const draft = withAnswer(text);
    return answerIssue(draft) ?? (await check?.({ ...situation, draft }, checks, signal));
  };
  const old = answerAt(situation, path);
  return withAnswer(
    await prompter.text({
      message,
      default: old === undefined ? suggest?.(situation) : asText(old),
      clearable: optional === true,
      check: judge,
    }),
  );
}

async function askChoice(question: ChoiceQuestion, situation: Situation, ports: AskPorts, signal: AbortSignal): Promise<Draft> {
  const { path, message, orSkip } = question;
  const choices = question.choices(situation);
  const old = answerAt(situation, path);
  const [first, ...others] = choices ?? [];
  if (first === undefined)
    return orSkip === true && old === undefined ? situation.draft : askText({ ...question, kind: "text" }, situation, ports, signal);
  if (others.length === 0 && (old === undefined || old === first.value)) {
    ports.prompter.tell(`${message} ${first.name} (the only one there is)`);
    return answer(situation.draft, path, first.value);
  }
  const known = [first, ...others];
  const wanted = typeof old === "string" && known.some(({ value }) => value === old) ? old : question.suggest?.(situation);
  if (typeof old === "string" && wanted !== old) ports.prompter.tell(`"${old}", answered before, is not there any more`);
  return answer(situation.draft, path, await ports.prompter.choose({ message, choices: known, default: wanted }));
}

async function askConfirm({ path, message, suggest }: ConfirmQuestion, situation: Situation, { prompter }: AskPorts): Promise<Draft> {
  const old = answerAt(situation, path);
  return answer(situation.draft, path, await prompter.confirm({ message, default: typeof old === "boolean" ? old : suggest(situation) }));
}

function parsedAnswer({ path }: TextQuestion, text: string): unknown {
  const trimmed = text.trim();
  const { kind } = fieldAt(path);
  if (trimmed === "") return undefined;
  if (kind === "list") return trimmed.split(/[\s,]+/);
  return kind === "integer" && /^\d{1,9}$/.test(trimmed) ? Number(trimmed) : trimmed;
}

function asText(value: unknown): string {
  return Array.isArray(value) ? value.join(", ") : String(value);
}
