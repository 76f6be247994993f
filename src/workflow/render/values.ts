import { parse, stringify } from "yaml";
import type { Answers } from "../../domain/answers/answers.ts";
import { isTree } from "../../domain/answers/tree.ts";
import type { Release } from "../../domain/release/release.ts";
import type { Templates } from "../../ports/templates.ts";
import { mergedValues, valuesContext } from "./values-context.ts";

/** values.yaml for the chart: the template filled in with the answers; with `values:` in the answers merged last, deep. */
export async function renderValues(answers: Answers, release: Release, templates: Templates): Promise<string> {
  const text = await templates.render("values.yaml", valuesContext(answers, release));
  if (Object.keys(answers.values).length === 0) return text;
  const base: unknown = parse(text);
  if (!isTree(base)) throw new TypeError("values.yaml.hbs does not give a mapping");
  const comments = text.slice(0, text.search(/^[^#]/m));
  return `${comments}${stringify(mergedValues(base, answers), { version: "1.1", lineWidth: 0, defaultStringType: "QUOTE_DOUBLE", defaultKeyType: "PLAIN" })}`;
}
