import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";

/** The bundles (`*.bundle`) in a folder, by name; undefined when the path is no folder. */
export async function bundlesIn(path: string): Promise<readonly string[] | undefined> {
  const found = await stat(path).catch(() => undefined);
  if (found?.isDirectory() !== true) return undefined;
  return (await readdir(path))
    .filter((name) => name.endsWith(".bundle"))
    .toSorted()
    .map((name) => join(path, name));
}
