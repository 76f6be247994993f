import { mkdir, readdir, rm, stat, truncate } from "node:fs/promises";
import { join } from "node:path";
import type { Folders } from "./watched-run.ts";

/** Does to every run directory what a power cut can: the files are gone (with `power` the temporary ones, too), or have lost their second half. */
export async function breakRunDirectory({ state, temporary }: Folders, how: "lost" | "torn" | "power"): Promise<void> {
  const runs = join(state, "migratectl", "runs");
  if (how !== "torn") await rm(runs, { recursive: true, force: true });
  if (how === "power") {
    await rm(temporary, { recursive: true, force: true });
    await mkdir(temporary);
  }
  if (how === "torn") for (const file of await filesBelow(runs)) await truncate(file, Math.floor((await stat(file)).size / 2));
}

async function filesBelow(folder: string): Promise<readonly string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries.filter((entry) => entry.isFile()).map(({ parentPath, name }) => join(parentPath, name));
}
