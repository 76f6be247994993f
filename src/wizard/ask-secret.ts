import { answer, type Draft } from "../domain/answers/draft.ts";
import { type FieldPath, fieldAt, secretVariable } from "../domain/answers/fields.ts";
import { type SecretReference, secretReferenceSchema } from "../domain/answers/secret-reference.ts";
import type { Prompter } from "../ports/prompter.ts";
import type { AskPorts } from "./ask.ts";
import { answerAt, type SecretQuestion, type Situation } from "./question.ts";

type Place = "file" | "env" | "secret";

/** The answer that leaves a secret out. */
const leftOut = "none";

/** Asks where a secret is; its value is never asked for, so that it can end up in no answers file, terminal log or shell history. */
export async function askSecret(
  { path, message, hint, orElse }: SecretQuestion,
  situation: Situation,
  { prompter, checks }: AskPorts,
  _signal: AbortSignal,
): Promise<Draft> {
  const old = secretReferenceSchema.safeParse(answerAt(situation, path)).data;
  const given = situation.hasEnvironment(variable(path)) ? "env" : "file";
  const place = await prompter.choose<Place | typeof leftOut>({
    message,
    hint,
    choices: [
      ...(orElse === undefined ? [] : [{ value: leftOut, name: orElse } as const]),
      { value: "file", name: "in a file on this host" },
      { value: "env", name: "in an environment variable", description: "set whenever migratectl runs" },
      { value: "secret", name: "in a Secret of the namespace", description: "made by somebody else" },
    ],
    default: old === undefined ? (orElse !== undefined && given === "file" ? leftOut : given) : placeOf(old),
  });
  if (place === leftOut) return answer(situation.draft, path, undefined);
  return answer(situation.draft, path, await reference(place, path, old, prompter, checks.readable));
}

async function reference(
  place: Place,
  path: FieldPath,
  old: SecretReference | undefined,
  prompter: Prompter,
  readable: (path: string) => Promise<string | undefined>,
): Promise<SecretReference> {
  const given = <K extends string>(key: K) =>
    old !== undefined && key in old ? Object.entries(old).find(([name]) => name === key)?.[1] : undefined;
  const text = (message: string, was: unknown, check: (answer: string) => string | undefined | Promise<string | undefined>) =>
    prompter.text({
      message,
      default: typeof was === "string" ? was : undefined,
      check: (answer) => (answer.trim() === "" ? "an answer is needed here" : check(answer.trim())),
    });
  switch (place) {
    case "file":
      return { file: (await text("File that holds it", given("file"), readable)).trim() };
    case "env":
      return { env: (await text("Environment variable that holds it", given("env") ?? variable(path), variableIssue)).trim() };
    case "secret":
      return {
        secret: (await text("Name of the Secret", given("secret"), () => undefined)).trim(),
        key: (await text("Key in it", given("key") ?? "password", () => undefined)).trim(),
      };
  }
}

function variableIssue(name: string): string | undefined {
  return /^[A-Za-z_][A-Za-z0-9_]*$/.test(name)
    ? undefined
    : "a name of letters, digits and underscores: the variable's name, not what it holds";
}

function placeOf(old: SecretReference): Place {
  return "env" in old ? "env" : "secret" in old ? "secret" : "file";
}

function variable(path: FieldPath): string {
  return secretVariable(fieldAt(path));
}
