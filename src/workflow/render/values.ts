import { parse, stringify } from "yaml";
import { isTree } from "../../domain/answers/tree.ts";
import type { Templates } from "../../ports/templates.ts";
import { mergedValues, type ValuesInput, valuesContext } from "./values-context.ts";

/** values.yaml for the chart: the template filled in with the answers; with `values:` in the answers merged last, deep. */
export async function renderValues(input: ValuesInput, templates: Templates): Promise<string> {
  const { answers } = input;
  const text = await templates.render("values.yaml", valuesContext(input));
  if (Object.keys(answers.values).length === 0) return text;
  const base: unknown = parse(text);
  if (!isTree(base)) throw new TypeError("values.yaml.hbs does not give a mapping");
  const comments = text.slice(0, text.search(/^[^#]/m));
  return `${comments}${stringify(mergedValues(base, answers), { version: "1.1", lineWidth: 0, defaultStringType: "QUOTE_DOUBLE", defaultKeyType: "PLAIN" })}`;
}
