import { homedir } from "node:os";
import { join } from "node:path";
import { platformImages } from "./images.ts";
import { type BuildProgress, LayerBuilder } from "./layer-builder.ts";
import { type LockedImage, OciLayout } from "./oci-layout.ts";
import { interpreter } from "./package-layers.ts";
import { platformRelease } from "./releases.ts";
import { type Architecture, architectures } from "./sources.ts";

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
 * Builds the images of a release into an OCI image layout at `out`, with images.lock.json beside its index. Of the machine it starts
 * apt, dpkg-deb, GNU tar and find, which Debian has always: nothing that the toolchain builds or installs, so it may run beside that.
 * Throws RangeError for an unknown release, CommandFailed or AggregateError when a program fails, and the signal's reason when that
 * ended it; then nothing of it is left running.
 */
export async function buildPlatform(options: BuildOptions): Promise<readonly LockedImage[]> {
  const all = platformImages(platformRelease(options.release));
  const images = all.filter(({ name }) => options.images?.includes(name) ?? true);
  const stop = new AbortController();
  const signal = AbortSignal.any([stop.signal, ...(options.signal === undefined ? [] : [options.signal])]);
  const packages = [...new Set([...all.flatMap(({ layers }) => layers), interpreter].flatMap((layer) => layer.packages))];
  const builder = new LayerBuilder({ cache: options.cache ?? platformCache(), packages, signal, onProgress: options.onProgress });
  const platforms = options.platforms ?? architectures;
  const wanted = images.map((image) => ({
    image,
    layers: platforms.map((architecture) =>
      Promise.all([
        ...image.layers.map(async (spec) => ({ name: spec.name, layer: await builder.packageLayer(architecture, spec) })),
        ...(image.entries.length === 0 ? [] : [builder.filesLayer(image).then((layer) => ({ name: "files", layer }))]),
      ]).then((layers) => ({ architecture, layers })),
    ),
  }));
  await Promise.all(wanted.flatMap(({ layers }) => layers)).catch(async (error: unknown) => {
    stop.abort(error);
    await builder.settled();
    throw options.signal?.aborted === true ? options.signal.reason : error;
  });
  // Only now: a layout that was there before stays usable until its successor has all its layers.
  const layout = await OciLayout.create(options.out);
  for (const { image, layers } of wanted) await layout.add(image, await Promise.all(layers));
  return layout.finish();
}
