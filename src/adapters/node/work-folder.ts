import { chmod, mkdir, mkdtemp, rename, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { Problem } from "../../domain/errors/problem.ts";
import type { TemporaryFolder, WorkFolder } from "../../ports/work-folder.ts";

/** A folder that is made, with its parents, at the first write. */
export function createWorkFolder(path: string): WorkFolder {
  const absolute = resolve(path);
  return {
    path: absolute,
    async write(name, content, options = {}) {
      const target = resolve(absolute, name);
      const partial = `${target}.${process.pid}.partial`;
      try {
        await mkdir(dirname(target), { recursive: true });
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

/** A folder under the system's temporary one, readable by this user only. */
export async function createTemporaryFolder(): Promise<TemporaryFolder> {
  const path = await mkdtemp(join(tmpdir(), "migratectl-"));
  return { ...createWorkFolder(path), remove: () => rm(path, { recursive: true, force: true }) };
}

function unwritable(path: string, cause: unknown): unknown {
  if (!(cause instanceof Error) || !("code" in cause) || cause instanceof Problem) return cause;
  if (cause.code === "ENOSPC" || cause.code === "EDQUOT")
    return new Problem("DISK_FULL", { what: `${path} cannot be written: no space left`, cause });
  return new Problem("FILE_UNWRITABLE", { what: `${path} cannot be written: ${cause.message}`, cause });
}
