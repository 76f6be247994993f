import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";

/** The folder of this package: this module stands in src/cli of a clone, or in dist when it is built. */
function packageFolder(): string {
  const own = import.meta.dirname;
  return import.meta.filename.endsWith(".ts") ? dirname(dirname(own)) : dirname(own);
}

/** Version of migratectl, as package.json says. */
export function packageVersion(): string {
  const { version } = JSON.parse(readFileSync(join(packageFolder(), "package.json"), "utf8")) as { readonly version: string };
  return version;
}
