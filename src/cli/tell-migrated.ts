import { answersVersion } from "../domain/answers/answers.ts";
import type { AnswersFile } from "../domain/answers/document.ts";
import type { Draft } from "../domain/answers/draft.ts";
import { migrationLines } from "../domain/answers/migrations/told.ts";
import type { Globals } from "./global-flags.ts";

/** Commands that have told it: several parts of one command read the same answers. */
const told = new WeakSet<Globals["progress"]>();

/** Where answers that were read as another version stand, and so how they come to be of this one. */
export type AnswersPlace = "file" | "kept";

/** Tells a person, once a command, that answers of an earlier version were read, what became of them, and how they are rewritten. */
export function tellMigrated(
  { migrated }: Pick<Draft, "migrated">,
  file: AnswersFile | undefined,
  place: AnswersPlace,
  { progress }: Globals,
): void {
  if (migrated === undefined || file === undefined || told.has(progress)) return;
  told.add(progress);
  const [first = "", ...others] = migrationLines(migrated, file.path);
  progress.tell({ kind: "note", text: `${first}; ${remedies(file.path)[place]}` });
  for (const text of others) progress.tell({ kind: "note", text: `  ${text}` });
}

function remedies(path: string): Readonly<Record<AnswersPlace, string>> {
  return {
    file: `\`migratectl configure --answers ${path}\` rewrites it`,
    kept: `the next install or upgrade keeps them as ${answersVersion}`,
  };
}
