import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

/** The templates folder of this package, wherever the running module stands (src/adapters/templates in a clone, dist/ when installed). */
export function templatesFolder(): string {
  for (let folder = dirname(fileURLToPath(import.meta.url)); ; folder = dirname(folder)) {
    const candidate = join(folder, "templates");
    if (existsSync(join(candidate, "values.yaml.hbs"))) return candidate;
    if (folder === dirname(folder)) throw new Error("the package lacks its templates folder");
  }
}
