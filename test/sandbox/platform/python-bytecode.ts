import { access } from "node:fs/promises";
import { join } from "node:path";
import { run } from "./command.ts";

/** The trees that together hold an interpreter this machine can run: its loader, libraries, and standard library. */
export interface Interpreter {
  readonly roots: readonly string[];
}

const triplets: Readonly<Record<string, { readonly triplet: string; readonly loader: string }>> = {
  x64: { triplet: "x86_64-linux-gnu", loader: "lib64/ld-linux-x86-64.so.2" },
  arm64: { triplet: "aarch64-linux-gnu", loader: "lib/ld-linux-aarch64.so.1" },
};

async function find(roots: readonly string[], path: string): Promise<string> {
  for (const root of roots) {
    const candidate = join(root, path);
    if (await access(candidate).then(() => true, () => false)) return candidate;
  }
  throw new Error(`no ${path} in ${roots.join(", ")}`);
}

/**
 * Compiles Python trees with the images' own interpreter, run by its own loader without a chroot, so that pods with a read-only
 * root start fast. Byte code is the same for every architecture. Unchecked: a file is never recompiled for its date.
 */
export async function compilePython(interpreter: Interpreter, root: string, folders: readonly string[], signal?: AbortSignal): Promise<void> {
  const host = triplets[process.arch];
  if (host === undefined) throw new Error(`the images' Python cannot run on ${process.arch}`);
  const loader = await find(interpreter.roots, host.loader).catch(() => find(interpreter.roots, `usr/${host.loader}`));
  const python = await find(interpreter.roots, "usr/bin/python3.13");
  const home = python.replace(/\/bin\/python3\.13$/, "");
  const libraries = interpreter.roots.map((one) => join(one, "usr/lib", host.triplet)).join(":");
  await run(
    [loader, "--library-path", libraries, python, "-S", "-m", "compileall", "-q", "-j", "2", "--invalidation-mode", "unchecked-hash",
      "-s", root, "-p", "/", ...folders.map((folder) => join(root, folder))],
    { signal, env: { PYTHONHOME: home, PYTHONHASHSEED: "0" } },
  );
}
