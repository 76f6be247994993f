import { answersVersion } from "../answers.ts";
import { fields } from "../fields.ts";
import type { MigratedAnswers } from "./migration.ts";

/** What a person has to know of answers that were read from an earlier version: one line each, no value among them. `path` names what they were read from. */
export function migrationLines({ from, moved, removed, added }: MigratedAnswers, path: string): readonly string[] {
  return [
    `${path}: version ${from}, read as ${answersVersion}`,
    ...moved.map((one) => `${one.from} is now ${one.to}`),
    ...removed.map(({ answer, why }) => `${answer} is gone: ${why}`),
    ...added.map(({ answer, standard }) => `${answer} is new${standard === undefined ? "" : `: ${standard}`} (--${flagOf(answer)})`),
  ];
}

function flagOf(answer: string): string {
  return fields.find(({ path }) => path === answer)?.flag ?? `set ${answer}`;
}
