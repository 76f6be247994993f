import { chmod, mkdtemp, rename, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { Problem } from "../../domain/errors/problem.ts";
import type { Operator } from "../../ports/operator.ts";
import type { TemporaryFolder, WorkFolder } from "../../ports/work-folder.ts";
import { folderPrefix, removeAbandoned } from "./abandoned-folders.ts";
import { makeFolder } from "./make-folder.ts";
import { createOperator } from "./operator.ts";

/** A folder that is made, with its parents, at the first write. */
export function createWorkFolder(path: string): WorkFolder {
  const absolute = resolve(path);
  return {
    path: absolute,
    async write(name, content, options = {}) {
      const target = resolve(absolute, name);
      const partial = `${target}.${process.pid}.partial`;
      try {
        await makeFolder(dirname(target));
        if (options.secret === true) {
          await writeFile(target, content, { mode: 0o600, flag: "wx" });
          return target;
        }
        await writeFile(partial, content);
        if (options.executable === true) await chmod(partial, 0o755);
        await rename(partial, target);
      } catch (cause) {
        // Where nothing could be written there may be nothing to remove either; the cause is what counts.
        await rm(partial, { force: true }).catch(() => undefined);
        throw unwritable(target, cause);
      }
      return target;
    },
  };
}

/**
 * A folder under the system's temporary one, readable by this user only; what killed processes of this machine left there goes.
 * @throws Problem DISK_FULL, FILE_UNWRITABLE
 */
export async function createTemporaryFolder(operator: Operator = createOperator()): Promise<TemporaryFolder> {
  await removeAbandoned(tmpdir(), operator);
  const path = await mkdtemp(join(tmpdir(), folderPrefix(operator))).catch((cause: unknown) => {
    throw unwritable(`a temporary folder in ${tmpdir()}`, cause, "Set TMPDIR to a folder on a disk that you may write.");
  });
  return { ...createWorkFolder(path), remove: () => rm(path, { recursive: true, force: true }) };
}

function unwritable(path: string, cause: unknown, fix?: string): unknown {
  if (!(cause instanceof Error) || !("code" in cause) || cause instanceof Problem) return cause;
  if (cause.code === "ENOSPC" || cause.code === "EDQUOT")
    return new Problem("DISK_FULL", { what: `${path} cannot be written: no space left`, cause });
  return new Problem("FILE_UNWRITABLE", {
    what: `${path} cannot be written: ${cause.message}`,
    cause,
    ...(fix === undefined ? {} : { fix }),
  });
}
