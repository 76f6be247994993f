import { existsSync } from "node:fs";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import type Handlebars from "handlebars";
import { stringify } from "yaml";
import { z } from "zod";
import type { Templates } from "../../ports/templates.ts";

/** How templates are compiled: a name that the context lacks throws, nothing is escaped for HTML, and a partial is not indented. */
export const compileOptions = { noEscape: true, strict: true, preventIndent: true } as const;

/** Module of the build that holds the templates as functions: compiling them takes longer than all the rest of a render that is ours. */
const compiledModule = new URL("./compiled-templates.js", import.meta.url);

const compiledSchema = z.record(z.string(), z.custom<TemplateSpecification>());

/** Gives the text of a template, by its path in the folder without `.hbs`. */
type Engine = (name: string, context: unknown) => Promise<string>;

/**
 * Templates of a folder. What needs quoting says so with {{json x}}, which is a scalar or a flow collection in YAML too whatever the text
 * holds, {{yaml x N}}, a block indented by N, or {{code x}} for Markdown.
 */
export function createTemplates(folder: string): Templates {
  let engine: Promise<Engine> | undefined;
  return {
    async render(name, context) {
      engine ??= existsSync(compiledModule) ? compiledEngine() : sourceEngine(folder);
      return (await engine)(name, context);
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

/** In an installed package: functions from the build. */
async function compiledEngine(): Promise<Engine> {
  const [{ default: handlebars }, { templates }] = await Promise.all([
    import("handlebars/dist/cjs/handlebars.runtime.js"),
    import(compiledModule.href) as Promise<{ readonly templates: unknown }>,
  ]);
  registerHelpers(handlebars);
  const compiled = compiledSchema.parse(templates);
  return async (name, context) => {
    const specification = compiled[name];
    if (specification === undefined) throw new Error(`the package lacks its template ${name}`);
    return handlebars.template(specification)(context);
  };
}

/** In a clone that is not built: the sources, compiled as they are needed. */
async function sourceEngine(folder: string): Promise<Engine> {
  const { default: handlebars } = await import("handlebars");
  const own = handlebars.create();
  registerHelpers(own);
  return async (name, context) => own.compile(await readFile(join(folder, `${name}.hbs`), "utf8"), compileOptions)(context);
}

function registerHelpers(handlebars: typeof Handlebars): void {
  handlebars.registerHelper("json", (value: unknown) => asJson(value));
  handlebars.registerHelper("yaml", (value: unknown, indent: number) => asYaml(value, indent));
  handlebars.registerHelper("code", (value: unknown) => asCode(value));
  handlebars.registerHelper("defined", (value: unknown) => value !== undefined);
  handlebars.registerHelper("is", (one: unknown, other: unknown) => one === other);
  handlebars.registerHelper("or", (one: unknown, other: unknown) => Boolean(one) || Boolean(other));
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
