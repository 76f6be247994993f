import { globSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { z } from "zod";
import { errorSchema } from "../../src/cli/presenters/error-schema.ts";
import type { Presenter } from "../../src/cli/presenters/presenter.ts";

/** docs/schemas/<name>.json for every presenter and for errors: the JSON Schema of what --json prints. */
export async function schemaPages(root: string): Promise<readonly (readonly [string, string])[]> {
  const published = [...(await allPresenters(root)), { name: "error", schema: errorSchema }];
  return published.map(({ name, schema }) => [`docs/schemas/${name}.json`, `${asJsonSchema(schema)}\n`] as const);
}

/** Patterns without \p{Cc}, which not every validator's regular expressions know. */
function asJsonSchema(schema: z.ZodType): string {
  const text = JSON.stringify(z.toJSONSchema(schema, { unrepresentable: "any" }), undefined, 2);
  return text.replaceAll("\\\\p{Cc}", "\\\\u0000-\\\\u001f\\\\u007f-\\\\u009f");
}

/** Every exported presenter of src/cli/presenters, by name. */
export async function allPresenters(root: string): Promise<readonly Presenter<never>[]> {
  const files = globSync("src/cli/presenters/**/*.ts", { cwd: root }).sort();
  const modules = await Promise.all(
    files.map((file) => import(pathToFileURL(join(root, file)).href) as Promise<Readonly<Record<string, unknown>>>),
  );
  return modules.flatMap((module) => Object.values(module).filter(isPresenter)).sort((a, b) => (a.name < b.name ? -1 : 1));
}

function isPresenter(value: unknown): value is Presenter<never> {
  return typeof value === "object" && value !== null && "schema" in value && "text" in value && "json" in value && "name" in value;
}
