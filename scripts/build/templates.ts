import { globSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import Handlebars from "handlebars";
import { compileOptions } from "../../src/adapters/templates/handlebars.ts";

/** Source of the module that holds every template of templates/ as a function, by its path without `.hbs`. */
export async function compiledTemplates(root: string): Promise<string> {
  const folder = join(root, "templates");
  const lines: string[] = [];
  for (const path of globSync("**/*.hbs", { cwd: folder }).sort()) {
    const compiled = Handlebars.precompile(await readFile(join(folder, path), "utf8"), compileOptions);
    lines.push(`  ${JSON.stringify(path.slice(0, -".hbs".length))}: ${String(compiled)},`);
  }
  return `export const templates = {\n${lines.join("\n")}\n};\n`;
}
