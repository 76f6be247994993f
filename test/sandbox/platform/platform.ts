import { access, mkdir, rename } from "node:fs/promises";
import { homedir } from "node:os";
import { join } from "node:path";
import { Apt, type DebianPackage } from "./debian.ts";
import { type ImageSpec, installersOnly, interpreterPackages, type PackageLayer, platformImages } from "./images.ts";
import { cachedLayer, type Layer, layerKey } from "./layer.ts";
import { type LockedImage, OciLayout, type PlatformLayers } from "./oci-layout.ts";
import { compilePython } from "./python-bytecode.ts";
import { platformRelease } from "./releases.ts";
import { bundleCertificates, type Entry, place, unpack } from "./rootfs.ts";
import { type Architecture, hostArchitecture } from "./sources.ts";

/** One step of a build that ended, with the seconds it took. */
interface BuildProgress {
  readonly image: string;
  readonly step: string;
  readonly seconds: number;
}

/** What to build and where to; `platforms` is the host's architecture alone unless given. */
export interface BuildOptions {
  readonly release: string;
  readonly out: string;
  readonly platforms?: readonly Architecture[];
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: BuildProgress) => void;
}

/** Where layers, packages and answers of apt are kept between builds. */
function platformCache(): string {
  return join(process.env["XDG_CACHE_HOME"] ?? join(homedir(), ".cache"), "migratectl-platform");
}

/**
 * Builds the images of a release into an OCI image layout at `out`, with images.lock.json beside its index.
 * Throws RangeError for an unknown release and CommandFailed when apt, dpkg-deb or tar fail.
 */
export async function buildPlatform(options: BuildOptions): Promise<readonly LockedImage[]> {
  const images = platformImages(platformRelease(options.release));
  const platforms = options.platforms ?? [hostArchitecture];
  const interpreter = onDemandInterpreter(options.signal);
  const builders = platforms.map((architecture) => new Builder(architecture, options, interpreter));
  const built: { readonly image: ImageSpec; readonly layers: readonly PlatformLayers[] }[] = [];
  for (const image of images) {
    const layers: PlatformLayers[] = [];
    for (const builder of builders) layers.push(await builder.build(image));
    built.push({ image, layers });
  }
  // Only now: a layout that was there before stays usable until its successor has all its layers.
  const layout = await OciLayout.create(options.out);
  for (const { image, layers } of built) await layout.add(image, layers);
  return layout.finish();
}

class Builder {
  readonly #architecture: Architecture;
  readonly #options: BuildOptions;
  readonly #interpreter: () => Promise<string>;
  readonly #cache = platformCache();
  readonly #apt: Apt;

  constructor(architecture: Architecture, options: BuildOptions, interpreter: () => Promise<string>) {
    this.#architecture = architecture;
    this.#options = options;
    this.#interpreter = interpreter;
    this.#apt = new Apt(this.#cache, architecture, options.signal);
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
    return { architecture: this.#architecture, layers };
  }

  async #packages(spec: PackageLayer, below: readonly PackageLayer[]): Promise<readonly DebianPackage[]> {
    const lower = new Set<string>();
    for (const layer of below) for (const one of await this.#packages(layer, [])) lower.add(one.file);
    const closure = await this.#apt.closure(spec.packages);
    return closure.filter((one) => !lower.has(one.file) && !spec.omit.some((pattern) => pattern.test(one.name)));
  }

  async #packageLayer(spec: PackageLayer, below: readonly PackageLayer[]): Promise<{ readonly layer: Layer; readonly cached: boolean }> {
    const packages = await this.#packages(spec, below);
    const key = layerKey([packages, keyOf(spec.entries), spec.certificates ?? false, spec.python ?? [], this.#architecture]);
    const { signal } = this.#options;
    return cachedLayer(
      this.#cache,
      key,
      async (root) => {
        await unpack(root, packages, await this.#apt.fetch(packages), signal);
        if (spec.certificates) await bundleCertificates(root);
        await place(root, spec.entries);
        if (spec.python !== undefined) await compilePython(await this.#interpreter(), root, spec.python, signal);
      },
      signal,
    );
  }

  async #filesLayer(image: ImageSpec): Promise<{ readonly layer: Layer; readonly cached: boolean }> {
    const { signal } = this.#options;
    return cachedLayer(
      this.#cache,
      layerKey([keyOf(image.entries), image.python ?? []]),
      async (root) => {
        await place(root, image.entries);
        if (image.python !== undefined) await compilePython(await this.#interpreter(), root, image.python, signal);
      },
      signal,
    );
  }

  async #step(image: ImageSpec, step: string, work: () => Promise<{ readonly layer: Layer; readonly cached: boolean }>): Promise<Layer> {
    const began = performance.now();
    const { layer, cached } = await work();
    const seconds = (performance.now() - began) / 1000;
    this.#options.onProgress?.({ image: `${image.name} ${this.#architecture}`, step: cached ? `${step} (cached)` : step, seconds });
    return layer;
  }
}

// The images' Python for this machine, unpacked once and kept in the cache; only when something is to be compiled.
function onDemandInterpreter(signal?: AbortSignal): () => Promise<string> {
  let unpacked: Promise<string> | undefined;
  return () => {
    unpacked ??= unpackInterpreter(signal);
    return unpacked;
  };
}

async function unpackInterpreter(signal?: AbortSignal): Promise<string> {
  const cache = platformCache();
  const apt = new Apt(cache, hostArchitecture, signal);
  const packages = (await apt.closure(interpreterPackages)).filter((one) => !installersOnly.some((pattern) => pattern.test(one.name)));
  const folder = join(cache, "interpreter", layerKey(packages));
  if (
    await access(folder).then(
      () => true,
      () => false,
    )
  )
    return folder;
  const partial = `${folder}.${process.pid}.partial`;
  await mkdir(partial, { recursive: true });
  await unpack(partial, packages, await apt.fetch(packages), signal);
  await rename(partial, folder);
  return folder;
}

function keyOf(entries: readonly Entry[]): unknown {
  return entries.map((entry) => (entry.kind === "file" ? { ...entry, content: Buffer.from(entry.content).toString("base64") } : entry));
}
