import { mkdir, mkdtemp, rename, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { run } from "./command.ts";
import type { DebianPackage } from "./debian-package.ts";
import { layerKey } from "./layer.ts";
import type { PackagePool } from "./package-pool.ts";
import { unpack } from "./rootfs.ts";

const triplets: Readonly<Record<string, { readonly triplet: string; readonly loader: string }>> = {
  x64: { triplet: "x86_64-linux-gnu", loader: "lib64/ld-linux-x86-64.so.2" },
  arm64: { triplet: "aarch64-linux-gnu", loader: "lib/ld-linux-aarch64.so.1" },
};

/** The images' own Python for this machine, unpacked into the cache and run by its own loader without a chroot. */
export class Interpreter {
  /** Its folder; another version of any of its packages has another one. */
  readonly folder: string;

  private constructor(folder: string) {
    this.folder = folder;
  }

  /** The interpreter that these packages make. Throws what fetching and unpacking throw. */
  static async unpacked(cache: string, packages: readonly DebianPackage[], pool: PackagePool, signal?: AbortSignal): Promise<Interpreter> {
    const above = join(cache, "interpreter");
    const folder = join(above, layerKey(packages.map(({ digest }) => digest)));
    if ((await stat(folder).catch(() => undefined)) !== undefined) return new Interpreter(folder);
    await mkdir(above, { recursive: true });
    const partial = await mkdtemp(join(above, ".partial-"));
    try {
      await unpack(partial, packages, await pool.fetch(packages), signal);
      await rename(partial, folder).catch(async (error: NodeJS.ErrnoException) => {
        // Another build was quicker.
        if (error.code !== "ENOTEMPTY" && error.code !== "EEXIST") throw error;
      });
    } finally {
      await rm(partial, { recursive: true, force: true });
    }
    return new Interpreter(folder);
  }

  /** Runs it. Throws CommandFailed on a bad status. */
  async run(args: readonly string[], signal?: AbortSignal): Promise<void> {
    const host = triplets[process.arch];
    if (host === undefined) throw new Error(`the images' Python cannot run on ${process.arch}`);
    const loader = [join(this.folder, host.loader), "--library-path", join(this.folder, "usr/lib", host.triplet)];
    await run([...loader, join(this.folder, "usr/bin/python3.13"), ...args], {
      signal,
      env: { PYTHONHOME: join(this.folder, "usr"), PYTHONHASHSEED: "0" },
    });
  }
}
