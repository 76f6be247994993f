import { mkdir, mkdtemp, rename, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { run } from "./command.ts";
import type { DebianPackage } from "./debian-package.ts";
import { Slots } from "./slots.ts";

const aptHelper = "/usr/lib/apt/apt-helper";

/** The .deb files of all architectures, downloaded with apt's proxies and retries. */
export class PackagePool {
  readonly #folder: string;
  readonly #signal: AbortSignal | undefined;
  // One layer's after the other's: the first layer can be unpacked while the next one's packages come, and what two share comes once.
  readonly #turn = new Slots(1);

  constructor(cache: string, signal?: AbortSignal) {
    this.#folder = join(cache, "apt", "pool");
    this.#signal = signal;
  }

  /** The paths of the packages' files, downloaded unless they are here already and checked against their digests. Throws Error, with CommandFailed as its cause. */
  fetch(packages: readonly DebianPackage[]): Promise<readonly string[]> {
    return this.#turn.run(async () => {
      const missing: DebianPackage[] = [];
      for (const one of packages) if ((await stat(this.#path(one)).catch(() => undefined)) === undefined) missing.push(one);
      if (missing.length > 0) await this.#download(missing);
      return packages.map((one) => this.#path(one));
    });
  }

  #path(one: DebianPackage): string {
    return join(this.#folder, one.file);
  }

  // Downloaded beside the pool and moved in whole: what an interrupted run leaves is never taken for a package.
  async #download(packages: readonly DebianPackage[]): Promise<void> {
    await mkdir(this.#folder, { recursive: true });
    const partial = await mkdtemp(join(this.#folder, ".partial-"));
    try {
      const wanted = packages.flatMap(({ uri, file, digest }) => [uri, join(partial, file), `SHA256:${digest}`]);
      const options = ["-o", "APT::Sandbox::User=", "-o", "Acquire::Retries=3"];
      await run([aptHelper, ...options, "download-file", ...wanted], { signal: this.#signal });
      for (const one of packages) await rename(join(partial, one.file), this.#path(one));
    } catch (cause) {
      const hint = `when the mirror has newer ones by now, remove ${join(this.#folder, "..")} and build again`;
      throw new Error(`cannot download ${packages.map(({ file }) => file).join(" ")}; ${hint}`, { cause });
    } finally {
      await rm(partial, { recursive: true, force: true });
    }
  }
}
