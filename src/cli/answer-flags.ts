import type { Interfaces } from "@oclif/core";
import * as Flags from "@oclif/core/flags";
import { environmentName, type Field, fields } from "../domain/answers/fields.ts";

type LocalField = Exclude<(typeof fields)[number], { readonly global: true }>;

type FlagOf<F extends Field> = F["kind"] extends "boolean"
  ? Interfaces.BooleanFlag<boolean>
  : F["kind"] extends "list" | "assignments"
    ? Interfaces.OptionFlag<string[] | undefined>
    : Interfaces.OptionFlag<string | undefined>;

/** The flags of {@link answerFlags} by name. */
export type AnswerFlags = { readonly [F in LocalField as F["flag"]]: FlagOf<F> };

/** One flag for every question of the wizard, to spread into the flags of a command; what they say is read by loadAnswers. */
export const answerFlags = Object.fromEntries(
  (fields as readonly Field[]).filter((field) => field.global !== true).map((field) => [field.flag, toFlag(field)]),
) as unknown as AnswerFlags;

/** The environment is not given to the parser: the answers read it themselves, so that errors can name the variable. */
function toFlag(field: Field) {
  const common = { description: `${field.help} [env: ${environmentName(field)}]`, helpGroup: "ANSWER" };
  if (field.kind === "boolean") return Flags.boolean({ ...common, allowNo: true });
  if (field.kind === "assignments")
    return Flags.string({ ...common, description: field.help, helpValue: field.value, multiple: true, multipleNonGreedy: true });
  if (field.kind === "list") return Flags.string({ ...common, helpValue: field.value, multiple: true, multipleNonGreedy: true });
  return Flags.string({ ...common, helpValue: field.options?.join("|") ?? field.value });
}
