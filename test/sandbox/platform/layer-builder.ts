import { availableParallelism } from "node:os";
import { choosePackages } from "./apt.ts";
import { ByteCode } from "./byte-code.ts";
import { closure } from "./closure.ts";
import type { DebianPackage } from "./debian-package.ts";
import type { ImageSpec } from "./images.ts";
import { Interpreter } from "./interpreter.ts";
import { keptLayer, type Layer, layerKey, makeLayer } from "./layer.ts";
import { interpreter, type PackageLayer } from "./package-layers.ts";
import { PackagePool } from "./package-pool.ts";
import { bundleCertificates, type Entry, place, unpack } from "./rootfs.ts";
import { Slots } from "./slots.ts";
import { type Architecture, hostArchitecture } from "./sources.ts";

/** One step of a build that ended, with the seconds of work that it took; `image` is the architecture alone for what images share. */
export interface BuildProgress {
  readonly image: string;
  readonly step: string;
  readonly seconds: number;
}

/** What a builder works with. */
interface BuilderMeans {
  readonly cache: string;
  /** Everything that any layer of the release asks of apt, so that what is built now does not change what apt chooses. */
  readonly packages: readonly string[];
  readonly signal: AbortSignal;
  readonly onProgress: ((progress: BuildProgress) => void) | undefined;
}

/** Makes layers side by side, each once however many images have it. */
export class LayerBuilder {
  readonly #means: BuilderMeans;
  readonly #pool: PackagePool;
  readonly #byteCode: ByteCode;
  readonly #chosen = new Map<Architecture, Promise<readonly DebianPackage[]>>();
  readonly #layers = new Map<string, Promise<Layer>>();
  #unpacked: Promise<Interpreter> | undefined;
  // One more than cores: a layer may be waiting for byte code that another one's turn is to compile.
  readonly #slots = new Slots(availableParallelism() + 1);

  constructor(means: BuilderMeans) {
    this.#means = means;
    const { cache, signal } = means;
    this.#pool = new PackagePool(cache, signal);
    this.#byteCode = new ByteCode(() => this.#interpreter(), signal);
  }

  /** The layer of packages for an architecture. Throws CommandFailed when apt, dpkg-deb, tar or Python fail. */
  packageLayer(architecture: Architecture, spec: PackageLayer): Promise<Layer> {
    const { name, certificates = false, python = [], entries } = spec;
    return this.#once(architecture, name, async () => {
      const packages = await this.#packages(architecture, spec);
      const key = layerKey([digests(packages), keyOf(entries), certificates, python, await this.#compilerOf(python)]);
      return this.#keptOrMade(architecture, name, key, async () => {
        const files = await this.#timed(architecture, `${name}: packages fetched (${packages.length})`, () => this.#pool.fetch(packages));
        if (python.length > 0) await this.#interpreter();
        return async (root) => {
          await unpack(root, packages, files, this.#means.signal);
          if (certificates) await bundleCertificates(root);
          await place(root, entries);
          if (python.length > 0) await this.#byteCode.compile(root, python);
        };
      });
    });
  }

  /** The layer of an image's own files, which hold no program and so are the same for every architecture. Throws CommandFailed as packageLayer does. */
  filesLayer({ name, entries, python = [] }: ImageSpec): Promise<Layer> {
    return this.#once(name, "files", async () => {
      const key = layerKey([keyOf(entries), python, await this.#compilerOf(python)]);
      return this.#keptOrMade(name, "files", key, async () => {
        if (python.length > 0) await this.#interpreter();
        return async (root) => {
          await place(root, entries);
          if (python.length > 0) await this.#byteCode.compile(root, python);
        };
      });
    });
  }

  /** Settles when no layer is being made any more, however they ended. */
  async settled(): Promise<void> {
    await Promise.allSettled(this.#layers.values());
  }

  #once(image: string, step: string, make: () => Promise<Layer>): Promise<Layer> {
    const name = `${image} ${step}`;
    const known = this.#layers.get(name) ?? make();
    this.#layers.set(name, known);
    return known;
  }

  // What byte code depends on besides its sources.
  async #compilerOf(python: readonly string[]): Promise<readonly string[]> {
    return python.length === 0 ? [] : digests(await this.#packages(hostArchitecture, interpreter));
  }

  #interpreter(): Promise<Interpreter> {
    const { cache, signal } = this.#means;
    this.#unpacked ??= this.#packages(hostArchitecture, interpreter).then((found) =>
      Interpreter.unpacked(cache, found, this.#pool, signal),
    );
    return this.#unpacked;
  }

  // `prepare` waits for the network and the interpreter; what it gives fills the layer's tree and needs a slot.
  async #keptOrMade(image: string, step: string, key: string, prepare: () => Promise<(root: string) => Promise<void>>): Promise<Layer> {
    const { cache, signal } = this.#means;
    const kept = await keptLayer(cache, key);
    if (kept !== undefined) {
      this.#means.onProgress?.({ image, step: `${step} (cached)`, seconds: 0 });
      return kept;
    }
    const fill = await prepare();
    return this.#slots.run(() => this.#timed(image, step, () => makeLayer(cache, key, fill, signal)));
  }

  async #packages(architecture: Architecture, spec: PackageLayer): Promise<readonly DebianPackage[]> {
    const below = spec.on === undefined ? [] : await this.#packages(architecture, spec.on);
    const all = closure(await this.#choice(architecture), spec.packages);
    return all.filter((one) => !below.includes(one) && !spec.omit.some((pattern) => pattern.test(one.name)));
  }

  #choice(architecture: Architecture): Promise<readonly DebianPackage[]> {
    const { cache, packages: names, signal } = this.#means;
    const known =
      this.#chosen.get(architecture) ??
      this.#timed(architecture, "indexes, choice of packages", () => choosePackages({ cache, architecture, names, signal }));
    this.#chosen.set(architecture, known);
    return known;
  }

  async #timed<T>(image: string, step: string, work: () => Promise<T>): Promise<T> {
    const began = performance.now();
    const result = await work();
    this.#means.onProgress?.({ image, step, seconds: (performance.now() - began) / 1000 });
    return result;
  }
}

function digests(packages: readonly DebianPackage[]): readonly string[] {
  return packages.map(({ digest }) => digest);
}

function keyOf(entries: readonly Entry[]): unknown {
  return entries.map((entry) => (entry.kind === "file" ? { ...entry, content: Buffer.from(entry.content).toString("base64") } : entry));
}
