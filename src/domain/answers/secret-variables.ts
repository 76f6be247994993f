import { type Field, fields } from "./fields.ts";
import { valueAt } from "./tree.ts";

/** The environment variables that answers, complete or not, name as the place of a secret. */
export function secretVariables(answers: Readonly<Record<string, unknown>>): readonly string[] {
  return (fields as readonly Field[])
    .filter(({ kind }) => kind === "secret")
    .map(({ path }) => valueAt(answers, [...path.split("."), "env"]))
    .filter((name) => typeof name === "string");
}
