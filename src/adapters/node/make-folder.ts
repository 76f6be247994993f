import { mkdir, stat } from "node:fs/promises";
import { dirname } from "node:path";
import { Problem } from "../../domain/errors/problem.ts";

/**
 * Makes a folder and those above it that are missing; one that is there is left as it is. `mode` is of the folders that are made.
 * Not Node's own `recursive`: that tries for ever where the parent is there and the system still says ENOENT, as below /proc.
 * @throws Problem FILE_UNWRITABLE for a file system that takes no new folders, else the system's own error
 */
export async function makeFolder(path: string, mode?: number): Promise<void> {
  const first = await attempt(path, mode);
  if (first === undefined) return;
  const parent = dirname(path);
  if (codeOf(first) !== "ENOENT" || parent === path) throw first;
  if (!(await isFolder(parent))) await makeFolder(parent, mode);
  // Again also where the parent is there: another run may have made it a moment ago.
  const second = await attempt(path, mode);
  if (second === undefined) return;
  if (codeOf(second) !== "ENOENT" || !(await isFolder(parent))) throw second;
  throw new Problem("FILE_UNWRITABLE", {
    what: `the folder ${path} cannot be made: ${parent} takes no new folders`,
    why: "It belongs to a file system that is not there for files, such as /proc.",
    fix: "Choose a folder on a disk.",
    cause: second,
  });
}

/** The error of making one folder, or undefined when it is there now. */
async function attempt(path: string, mode: number | undefined): Promise<unknown> {
  try {
    await mkdir(path, mode);
    return undefined;
  } catch (error) {
    return (await isFolder(path)) ? undefined : error;
  }
}

async function isFolder(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isDirectory();
  } catch {
    return false;
  }
}

function codeOf(error: unknown): unknown {
  return error instanceof Error && "code" in error ? error.code : undefined;
}
