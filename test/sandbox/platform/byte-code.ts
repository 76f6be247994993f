import { createHash } from "node:crypto";
import { copyFile, mkdir, readdir, readFile, readlink, rm, stat } from "node:fs/promises";
import { basename, dirname, isAbsolute, join } from "node:path";
import { copyWhole } from "./files.ts";
import type { Interpreter } from "./interpreter.ts";
import { Slots } from "./slots.ts";

/** What CPython 3.13 puts into the names of its byte code. */
const cacheTag = "cpython-313";

interface Source {
  readonly path: string;
  /** Where byte code of the same content under the same name is kept. */
  readonly kept: string;
}

/**
 * Compiles the Python of image trees with the images' own interpreter, so that pods with a read-only root start fast. Byte code is the
 * same for every architecture: what was compiled once is copied from then on.
 */
export class ByteCode {
  readonly #interpreter: () => Promise<Interpreter>;
  readonly #signal: AbortSignal | undefined;
  // One tree after the other: the second one finds what the first one compiled.
  readonly #turn = new Slots(1);

  constructor(interpreter: () => Promise<Interpreter>, signal?: AbortSignal) {
    this.#interpreter = interpreter;
    this.#signal = signal;
  }

  /** Compiles the folders of a tree. Throws CommandFailed when a file does not compile. */
  compile(root: string, folders: readonly string[]): Promise<void> {
    return this.#turn.run(async () => {
      const interpreter = await this.#interpreter();
      const sources: Source[] = [];
      for (const folder of folders) sources.push(...(await sourcesIn(root, folder, `${interpreter.folder}.byte-code`)));
      const unknown: Source[] = [];
      for (const source of sources) if (!(await copyKept(source))) unknown.push(source);
      if (unknown.length === 0) return;
      // Unchecked: a file is never recompiled for its date.
      const how = ["-S", "-m", "compileall", "-q", "--invalidation-mode", "unchecked-hash", "-s", root, "-p", "/"];
      await interpreter.run([...how, ...unknown.map(({ path }) => path)], this.#signal);
      for (const { path, kept } of unknown) await copyWhole(compiledPath(path), kept);
    });
  }
}

function compiledPath(source: string): string {
  return join(dirname(source), "__pycache__", `${basename(source, ".py")}.${cacheTag}.pyc`);
}

async function sourcesIn(root: string, folder: string, kept: string): Promise<readonly Source[]> {
  const sources: Source[] = [];
  for (const entry of await readdir(join(root, folder), { recursive: true, withFileTypes: true })) {
    if (!entry.name.endsWith(".py")) continue;
    const path = join(entry.parentPath, entry.name);
    // An absolute link would lead to a file of this machine.
    if (entry.isSymbolicLink() ? isAbsolute(await readlink(path)) : !entry.isFile()) continue;
    const { mode } = await stat(path);
    const name = path.slice(root.length);
    const hash = createHash("sha256")
      .update(`${name}\n${mode}\n`)
      .update(await readFile(path));
    sources.push({ path, kept: join(kept, hash.digest("hex")) });
  }
  return sources;
}

async function copyKept({ path, kept }: Source): Promise<boolean> {
  const compiled = compiledPath(path);
  await mkdir(dirname(compiled), { recursive: true });
  await rm(compiled, { force: true });
  // Not linked: a link that another build makes to the same file changes its dates while tar reads it here, and tar fails.
  return copyFile(kept, compiled).then(
    () => true,
    () => false,
  );
}
