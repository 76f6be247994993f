import { type Answers, answersSchema } from "../domain/answers/answers.ts";
import { missingFields, missingProblem } from "../domain/answers/missing.ts";
import { answerFlags } from "./answer-flags.ts";
import type { Globals } from "./global-flags.ts";
import { loadDraft, type ParsedFlags } from "./load-answers.ts";

/** The flags that say which registry, for commands that need no other answer. */
export const registryFlags = {
  registry: answerFlags.registry,
  "registry-username": answerFlags["registry-username"],
  "registry-password-file": answerFlags["registry-password-file"],
  "registry-ca": answerFlags["registry-ca"],
  "plain-http": answerFlags["plain-http"],
};

/**
 * The registry as flags, environment and answers file name it; `host` stands in when none of them does.
 * @throws Problem ANSWERS_*, FILE_UNREADABLE
 */
export async function registryAnswers(flags: ParsedFlags, globals: Globals, host?: string): Promise<Answers["registry"]> {
  const draft = await loadDraft(flags, globals);
  const missing = missingFields(draft).filter(
    ({ path }) => path.startsWith("registry.") && !(path === "registry.host" && host !== undefined),
  );
  if (missing.length > 0) throw missingProblem(missing);
  return answersSchema.shape.registry.parse({ host, ...Object(draft.tree["registry"]) });
}
