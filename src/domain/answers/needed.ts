import { Problem } from "../errors/problem.ts";
import type { BundledRelease } from "../release/release.ts";
import type { Draft } from "./draft.ts";
import { environmentName, type Field, fields } from "./fields.ts";
import { currentPath } from "./migrations/migrate.ts";
import type { MissingInput } from "./missing.ts";
import { valueAt } from "./tree.ts";

/** What of a release says which answers it needs. */
export type NeedingRelease = Pick<BundledRelease, "version" | "notes">;

/** An answer that nobody gave and that a release has people give. */
export interface NeededAnswer extends MissingInput {
  readonly path: string;
  /** The release, and what it has to say. */
  readonly note: string;
}

/**
 * The answers that the notes of releases ask for and that are not given, each once; a default is no answer to them.
 * @throws Problem BUNDLE_NEWER for an answer that there is none of
 */
export function neededAnswers({ tree }: Pick<Draft, "tree">, releases: readonly NeedingRelease[]): readonly NeededAnswer[] {
  const needed = releases.flatMap(({ version, notes }) =>
    notes.flatMap(({ text, answers }) =>
      answers
        .map(currentPath)
        .filter((path) => valueAt(tree, path.split(".")) === undefined)
        .map((path): NeededAnswer => ({ path, ...inputAt(path, version), note: `${version}: ${text}` })),
    ),
  );
  return [...new Map(needed.toReversed().map((one) => [one.path, one])).values()].toReversed();
}

function inputAt(path: string, version: string): Pick<MissingInput, "flag" | "value" | "help" | "variable"> {
  if (path.startsWith("values.")) return { flag: "set", value: `${path.slice("values.".length)}=VALUE`, help: "value of the chart" };
  const field: Field | undefined = fields.find((one) => one.path === path);
  if (field === undefined)
    throw new Problem("BUNDLE_NEWER", { what: `release ${version} asks for the answer ${path}, which this migratectl does not know` });
  return { flag: field.flag, value: field.value, help: field.help, variable: environmentName(field) };
}
