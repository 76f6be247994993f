import { mkdir, rename, rm, stat, writeFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { z } from "zod";
import { run } from "./command.ts";
import { digestOf } from "./digest.ts";
import { readJsonIfPresent, writeWhole } from "./files.ts";
import { type Architecture, aptPreferences, aptSources } from "./sources.ts";

const packageSchema = z.object({
  name: z.string(),
  version: z.string(),
  architecture: z.string(),
  file: z.string(),
  digest: z.string(),
});
const closureSchema = z.array(packageSchema).readonly();

/** A Debian package as apt chose it; `file` is its name in the pool, `digest` what the signed index says of it. */
export type DebianPackage = Readonly<z.infer<typeof packageSchema>>;

const uriLine = /^'[^']+' (\S+) \d+ (SHA256:\S+)$/;

/** apt with its own state: it reads the signed indexes of another architecture or suite without touching the machine's packages. */
export class Apt {
  readonly #root: string;
  readonly #architecture: Architecture;
  readonly #signal: AbortSignal | undefined;
  #updated: Promise<void> | undefined;
  #last: Promise<unknown> = Promise.resolve();

  constructor(cache: string, architecture: Architecture, signal?: AbortSignal) {
    this.#root = join(cache, "apt", architecture);
    this.#architecture = architecture;
    this.#signal = signal;
  }

  /** The packages and all they depend on, in an order fit for unpacking; asked of apt once, then remembered. */
  closure(packages: readonly string[]): Promise<readonly DebianPackage[]> {
    return this.#inTurn(() => this.#closure(packages));
  }

  /** The paths of the packages' files, downloaded and verified by apt unless they are here already. */
  fetch(packages: readonly DebianPackage[]): Promise<readonly string[]> {
    return this.#inTurn(() => this.#fetch(packages));
  }

  async #closure(packages: readonly string[]): Promise<readonly DebianPackage[]> {
    const key = digestOf(JSON.stringify(["SHA256", aptSources, aptPreferences, packages, this.#architecture])).slice(7);
    const remembered = join(this.#root, "closures", `${key}.json`);
    const known = await readJsonIfPresent(remembered, closureSchema);
    if (known !== undefined) return known;
    await this.#update();
    const printed = await this.#apt(["install", "-y", "-qq", "--print-uris", ...packages]);
    const found = printed
      .split("\n")
      .filter((line) => line !== "")
      .map((line) => {
        const match = uriLine.exec(line);
        if (match === null) throw new Error(`apt printed what is no package: ${line}`);
        return parsePackage(match[1] ?? "", match[2] ?? "");
      });
    await writeWhole(remembered, JSON.stringify(found, null, 1));
    return found;
  }

  async #fetch(packages: readonly DebianPackage[]): Promise<readonly string[]> {
    const pool = join(this.#root, "pool");
    const paths = packages.map((one) => join(pool, one.file));
    const missing: DebianPackage[] = [];
    for (const [index, path] of paths.entries()) {
      const there = await stat(path).catch(() => undefined);
      const wanted = packages[index];
      if (there === undefined && wanted !== undefined) missing.push(wanted);
    }
    if (missing.length > 0) {
      await this.#update();
      // Downloaded beside the pool and moved in whole: what an interrupted run leaves is never taken for a package.
      const partial = join(this.#root, `pool.${process.pid}`);
      await mkdir(partial, { recursive: true });
      await mkdir(pool, { recursive: true });
      await this.#apt(["download", "-qq", ...missing.map((one) => `${one.name}:${one.architecture}=${one.version}`)], partial);
      for (const one of missing) await rename(join(partial, one.file), join(pool, one.file));
      await rm(partial, { recursive: true, force: true });
    }
    return paths;
  }

  // One apt at a time: two would meet at its locks.
  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const mine = this.#last.then(work);
    this.#last = mine.catch(() => undefined);
    return mine;
  }

  #update(): Promise<void> {
    this.#updated ??= this.#readIndexes();
    return this.#updated;
  }

  async #readIndexes(): Promise<void> {
    for (const folder of ["state/lists/partial", "cache/archives/partial", "etc/empty", "closures"]) {
      await mkdir(join(this.#root, folder), { recursive: true });
    }
    await writeFile(join(this.#root, "status"), "");
    await writeFile(join(this.#root, "sources.list"), `${aptSources}\n`);
    await writeFile(join(this.#root, "preferences"), aptPreferences);
    await writeFile(join(this.#root, "apt.conf"), this.#configuration());
    await this.#apt(["update", "-qq"]);
  }

  #configuration(): string {
    const root = this.#root;
    return Object.entries({
      "Dir::State": join(root, "state"),
      "Dir::State::status": join(root, "status"),
      "Dir::Cache": join(root, "cache"),
      "Dir::Etc::sourcelist": join(root, "sources.list"),
      "Dir::Etc::sourceparts": join(root, "etc/empty"),
      "Dir::Etc::preferences": join(root, "preferences"),
      "Dir::Etc::preferencesparts": join(root, "etc/empty"),
      "Dir::Etc::trustedparts": join(root, "etc/empty"),
      "APT::Architecture": this.#architecture,
      "APT::Install-Recommends": "false",
      "APT::Sandbox::User": "",
      "Acquire::Languages": "none",
      "Acquire::Retries": "3",
      // Without it apt prints the weakest digest that an index has, and none where there is only a strong one.
      "Acquire::ForceHash": "SHA256",
    })
      .map(([key, value]) => `${key} "${value}";`)
      .concat(`#clear APT::Architectures; APT::Architectures { "${this.#architecture}"; };`)
      .join("\n");
  }

  #apt(args: readonly string[], cwd = this.#root): Promise<string> {
    return run(["apt-get", ...args], { cwd, signal: this.#signal, env: { APT_CONFIG: join(this.#root, "apt.conf") } });
  }
}

// NAME_VERSION_ARCHITECTURE.deb, the version's colon written as %3a.
function parsePackage(file: string, digest: string): DebianPackage {
  const [name = "", version = "", architecture = ""] = basename(file, ".deb").split("_");
  return { name, version: decodeURIComponent(version), architecture, file, digest };
}
