import { homedir } from "node:os";
import { join } from "node:path";
import { Apt, type DebianPackage } from "./debian.ts";
import { type ImageSpec, type PackageLayer, platformImages } from "./images.ts";
import { onDemandInterpreter } from "./interpreter.ts";
import { cachedLayer, type Layer, layerKey, type MadeLayer } from "./layer.ts";
import { type LockedImage, OciLayout, type PlatformLayers } from "./oci-layout.ts";
import { compilePython } from "./python-bytecode.ts";
import { platformRelease } from "./releases.ts";
import { bundleCertificates, type Entry, place, unpack } from "./rootfs.ts";
import { type Architecture, architectures, hostArchitecture } from "./sources.ts";

/** One step of a build that ended, with the seconds it took. */
interface BuildProgress {
  readonly image: string;
  readonly step: string;
  readonly seconds: number;
}

/** What to build and where to. */
export interface BuildOptions {
  readonly release: string;
  readonly out: string;
  /** All architectures unless given. */
  readonly platforms?: readonly Architecture[];
  /** The names of the images, all of the release unless given. */
  readonly images?: readonly string[];
  /** Where layers, packages and answers of apt are kept between builds. */
  readonly cache?: string;
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: BuildProgress) => void;
}

/** The cache that builds use unless told otherwise. */
export function platformCache(): string {
  return join(process.env["XDG_CACHE_HOME"] ?? join(homedir(), ".cache"), "migratectl-platform");
}

/**
 * Builds the images of a release into an OCI image layout at `out`, with images.lock.json beside its index; architectures are built side
 * by side. Throws RangeError for an unknown release and CommandFailed when apt, dpkg-deb or tar fail.
 */
export async function buildPlatform(options: BuildOptions): Promise<readonly LockedImage[]> {
  const images = platformImages(platformRelease(options.release)).filter(({ name }) => options.images?.includes(name) ?? true);
  const stop = new AbortController();
  const signal = AbortSignal.any([stop.signal, ...(options.signal === undefined ? [] : [options.signal])]);
  const cache = options.cache ?? platformCache();
  const apts = { amd64: new Apt(cache, "amd64", signal), arm64: new Apt(cache, "arm64", signal) } as const;
  const interpreter = onDemandInterpreter(cache, apts[hostArchitecture], signal);
  const builds = (options.platforms ?? architectures).map(async (architecture) => {
    const builder = new Builder({ architecture, cache, apt: apts[architecture], interpreter, signal, onProgress: options.onProgress });
    const layers: PlatformLayers[] = [];
    for (const image of images) layers.push(await builder.build(image));
    return layers;
  });
  // The first failure ends the others, and none is left running behind the caller's back.
  const built = await Promise.all(builds).catch(async (error: unknown) => {
    stop.abort(error);
    await Promise.allSettled(builds);
    throw error;
  });
  // Only now: a layout that was there before stays usable until its successor has all its layers.
  const layout = await OciLayout.create(options.out);
  for (const [index, image] of images.entries())
    await layout.add(
      image,
      built.flatMap((layers) => layers[index] ?? []),
    );
  return layout.finish();
}

interface BuilderMeans {
  readonly architecture: Architecture;
  readonly cache: string;
  readonly apt: Apt;
  readonly interpreter: () => Promise<string>;
  readonly signal: AbortSignal;
  readonly onProgress: BuildOptions["onProgress"];
}

class Builder {
  readonly #means: BuilderMeans;

  constructor(means: BuilderMeans) {
    this.#means = means;
  }

  async build(image: ImageSpec): Promise<PlatformLayers> {
    const layers: PlatformLayers["layers"][number][] = [];
    for (const [index, spec] of image.layers.entries()) {
      const below = image.layers.slice(0, index);
      layers.push({ name: spec.name, layer: await this.#step(image, spec.name, () => this.#packageLayer(spec, below)) });
    }
    if (image.entries.length > 0) {
      layers.push({ name: "files", layer: await this.#step(image, "files", () => this.#filesLayer(image)) });
    }
    return { architecture: this.#means.architecture, layers };
  }

  async #packages(spec: PackageLayer, below: readonly PackageLayer[]): Promise<readonly DebianPackage[]> {
    const lower = new Set<string>();
    for (const layer of below) for (const one of await this.#packages(layer, [])) lower.add(one.file);
    const closure = await this.#means.apt.closure(spec.packages);
    return closure.filter((one) => !lower.has(one.file) && !spec.omit.some((pattern) => pattern.test(one.name)));
  }

  async #packageLayer(spec: PackageLayer, below: readonly PackageLayer[]): Promise<MadeLayer> {
    const packages = await this.#packages(spec, below);
    const { architecture, cache, apt, interpreter, signal } = this.#means;
    const key = layerKey([packages, keyOf(spec.entries), spec.certificates ?? false, spec.python ?? [], architecture]);
    return cachedLayer(
      cache,
      key,
      async (root) => {
        await unpack(root, packages, await apt.fetch(packages), signal);
        if (spec.certificates) await bundleCertificates(root);
        await place(root, spec.entries);
        if (spec.python !== undefined) await compilePython(await interpreter(), root, spec.python, signal);
      },
      signal,
    );
  }

  async #filesLayer(image: ImageSpec): Promise<MadeLayer> {
    const { cache, interpreter, signal } = this.#means;
    return cachedLayer(
      cache,
      layerKey([keyOf(image.entries), image.python ?? []]),
      async (root) => {
        await place(root, image.entries);
        if (image.python !== undefined) await compilePython(await interpreter(), root, image.python, signal);
      },
      signal,
    );
  }

  async #step(image: ImageSpec, step: string, work: () => Promise<MadeLayer>): Promise<Layer> {
    const began = performance.now();
    const { layer, cached } = await work();
    const seconds = (performance.now() - began) / 1000;
    this.#means.onProgress?.({ image: `${image.name} ${this.#means.architecture}`, step: cached ? `${step} (cached)` : step, seconds });
    return layer;
  }
}

function keyOf(entries: readonly Entry[]): unknown {
  return entries.map((entry) => (entry.kind === "file" ? { ...entry, content: Buffer.from(entry.content).toString("base64") } : entry));
}
