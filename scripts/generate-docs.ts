/**
 * Writes the generated part of docs/: commands (from --help itself), errors (from the catalogue), exit codes, JSON schemas (from the
 * presenters), and the picture of the layers (from the imports). With --check it writes nothing and fails when a page is out of date.
 */
import { globSync } from "node:fs";
import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { commandPages } from "./docs/command-pages.ts";
import { errorPages } from "./docs/error-pages.ts";
import { layerPages } from "./docs/layer-pages.ts";
import { schemaPages } from "./docs/schema-pages.ts";

const root = join(import.meta.dirname, "..");
const generated = ["docs/commands", "docs/errors", "docs/schemas"] as const;

const pages = new Map([...(await commandPages(root)), ...errorPages(), ...(await schemaPages(root)), ...layerPages(root)]);

if (process.argv.includes("--check")) {
  const stale: string[] = [];
  for (const [path, content] of pages) if ((await readFile(join(root, path), "utf8").catch(() => undefined)) !== content) stale.push(path);
  const left = generated.flatMap((folder) => globSync(`${folder}/**/*.*`, { cwd: root })).filter((path) => !pages.has(path));
  if (stale.length + left.length > 0) {
    process.stderr.write(
      `Generated docs are out of date; run: npm run docs\n${[...stale, ...left.map((path) => `${path} (no longer generated)`)].map((path) => `  ${path}`).join("\n")}\n`,
    );
    process.exit(1);
  }
} else {
  for (const folder of generated) await rm(join(root, folder), { recursive: true, force: true });
  for (const [path, content] of pages) {
    await mkdir(dirname(join(root, path)), { recursive: true });
    await writeFile(join(root, path), content);
  }
}
process.stdout.write(`docs: ${pages.size} generated pages ${process.argv.includes("--check") ? "up to date" : "written"}\n`);
