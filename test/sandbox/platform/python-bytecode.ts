import { join } from "node:path";
import { run } from "./command.ts";

const triplets: Readonly<Record<string, { readonly triplet: string; readonly loader: string }>> = {
  x64: { triplet: "x86_64-linux-gnu", loader: "lib64/ld-linux-x86-64.so.2" },
  arm64: { triplet: "aarch64-linux-gnu", loader: "lib/ld-linux-aarch64.so.1" },
};

/**
 * Compiles the Python folders of a tree with the images' own interpreter, whose tree is `interpreter`, run by its own loader without a
 * chroot, so that pods with a read-only root start fast. Byte code is the same for every architecture. Unchecked: a file is never
 * recompiled for its date. Throws CommandFailed when a file does not compile.
 */
export async function compilePython(interpreter: string, root: string, folders: readonly string[], signal?: AbortSignal): Promise<void> {
  const host = triplets[process.arch];
  if (host === undefined) throw new Error(`the images' Python cannot run on ${process.arch}`);
  await run(
    [
      join(interpreter, host.loader),
      "--library-path",
      join(interpreter, "usr/lib", host.triplet),
      join(interpreter, "usr/bin/python3.13"),
      "-S",
      "-m",
      "compileall",
      "-q",
      "--invalidation-mode",
      "unchecked-hash",
      "-s",
      root,
      "-p",
      "/",
      ...folders.map((folder) => join(root, folder)),
    ],
    { signal, env: { PYTHONHOME: join(interpreter, "usr"), PYTHONHASHSEED: "0" } },
  );
}
