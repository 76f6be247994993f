import { readFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { root } from "./site.ts";

/** Parses a command's stdout as JSON and judges it by the published schema docs/schemas/NAME.json; throws where it does not fit. */
export function fitsSchema(name: string, stdout: string): unknown {
  const published = JSON.parse(readFileSync(join(root, "docs/schemas", `${name}.json`), "utf8")) as Parameters<typeof z.fromJSONSchema>[0];
  return z.fromJSONSchema(published).parse(JSON.parse(stdout));
}
