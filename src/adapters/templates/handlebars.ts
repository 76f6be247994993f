import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import Handlebars from "handlebars";
import { stringify } from "yaml";
import type { Templates } from "../../ports/templates.ts";

/**
 * Templates of a folder, compiled strictly (a name that the context lacks throws) and without HTML escaping: what needs quoting says so with
 * {{json x}}, which is a scalar or a flow collection in YAML too whatever the text holds, {{yaml x N}}, a block indented by N, or {{code x}} for Markdown.
 */
export function createTemplates(folder: string): Templates {
  const handlebars = Handlebars.create();
  handlebars.registerHelper("json", (value: unknown) => asJson(value));
  handlebars.registerHelper("yaml", (value: unknown, indent: number) => asYaml(value, indent));
  handlebars.registerHelper("code", (value: unknown) => asCode(value));
  handlebars.registerHelper("defined", (value: unknown) => value !== undefined);
  handlebars.registerHelper("is", (one: unknown, other: unknown) => one === other);
  handlebars.registerHelper("or", (one: unknown, other: unknown) => Boolean(one) || Boolean(other));
  return {
    async render(name, context) {
      const source = await readFile(join(folder, `${name}.hbs`), "utf8");
      return handlebars.compile(source, { noEscape: true, strict: true, preventIndent: true })(context);
    },
    async names(below) {
      const found = await readdir(join(folder, below));
      return found
        .filter((name) => name.endsWith(".hbs"))
        .map((name) => `${below}/${name.slice(0, -".hbs".length)}`)
        .sort();
    },
  };
}

/** JSON is YAML, except for the few line separators that YAML 1.1 parsers (helm's among them) count as line ends. */
function asJson(value: unknown): string {
  return JSON.stringify(value).replaceAll(
    /[\u007f-\u009f\u2028\u2029\ufeff]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}

/** A block of YAML on lines of its own; every text is quoted, so that helm's YAML 1.1 does not read `no` or `0777` as something else. */
function asYaml(value: unknown, indent: number): string {
  const text = stringify(JSON.parse(asJson(value)), {
    version: "1.1",
    lineWidth: 0,
    defaultStringType: "QUOTE_DOUBLE",
    defaultKeyType: "PLAIN",
  });
  return text.trimEnd().replaceAll(/^/gm, " ".repeat(indent));
}

/** Inline code for Markdown tables: no line end, bar or backtick can break out of it. */
function asCode(value: unknown): string {
  return `\`${String(value)
    .replaceAll(/[\r\n]+/g, " ")
    .replaceAll("`", "'")
    .replaceAll("|", "\\|")}\``;
}
