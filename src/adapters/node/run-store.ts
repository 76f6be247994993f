import { randomBytes } from "node:crypto";
import { appendFile, open, readFile, rename, rm } from "node:fs/promises";
import { homedir } from "node:os";
import { dirname, join } from "node:path";
import { Problem } from "../../domain/errors/problem.ts";
import type { RunStore } from "../../ports/run-store.ts";
import { makeFolder } from "./make-folder.ts";

/** Folder that holds one folder for every run on this host: $XDG_STATE_HOME/migratectl/runs, by default under ~/.local/state. */
export function runsFolder(environment: Readonly<Record<string, string | undefined>>): string {
  const state = environment["XDG_STATE_HOME"];
  return join(state?.startsWith("/") ? state : join(homedir(), ".local", "state"), "migratectl", "runs");
}

/** Id of a run that starts now: sorts by time, and two that start in the same second differ. */
export function newRunId(workflow: string, now: Date): string {
  const stamp = now.toISOString().replaceAll(/[-:]|\.\d+/g, "");
  return `${stamp}-${workflow}-${randomBytes(3).toString("hex")}`;
}

/** The folder of one run, made at the first write and readable by its owner only. */
export function createRunStore(folder: string, id: string): RunStore {
  const path = join(folder, id);
  return {
    id,
    path,
    write: (name, content) => writing(join(path, name), (target) => replace(target, content)),
    append: (name, text) => writing(join(path, name), (target) => appendFile(target, text, { mode: 0o600 })),
    read: (name) => readIfThere(join(path, name)),
  };
}

/** Writes beside the target and renames, synced first: after a power cut the old or the new content is there, never a part. */
async function replace(target: string, content: string): Promise<void> {
  const partial = `${target}.${process.pid}.partial`;
  try {
    const file = await open(partial, "w", 0o600);
    try {
      await file.writeFile(content);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(partial, target);
  } catch (error) {
    await rm(partial, { force: true }).catch(() => undefined);
    throw error;
  }
}

async function writing(target: string, write: (target: string) => Promise<void>): Promise<void> {
  try {
    await makeFolder(dirname(target), 0o700);
    await write(target);
  } catch (cause) {
    if (!(cause instanceof Error) || !("code" in cause)) throw cause;
    const full = cause.code === "ENOSPC" || cause.code === "EDQUOT";
    const what = `${target} cannot be written: ${full ? "no space left on the disk" : cause.message}`;
    throw new Problem(full ? "DISK_FULL" : "FILE_UNWRITABLE", {
      what,
      cause,
      ...(full ? {} : { fix: "Check the folder's permissions, or set XDG_STATE_HOME to one you may write." }),
    });
  }
}

async function readIfThere(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, "utf8");
  } catch (cause) {
    if (cause instanceof Error && "code" in cause && cause.code === "ENOENT") return undefined;
    throw new Problem("FILE_UNREADABLE", {
      what: `${path} cannot be read: ${cause instanceof Error ? cause.message : String(cause)}`,
      cause,
    });
  }
}
