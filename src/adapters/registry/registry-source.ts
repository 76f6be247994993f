import type { Digest } from "../../domain/digest.ts";
import { Problem } from "../../domain/errors/problem.ts";
import { isManifestType } from "../../domain/oci/media-type.ts";
import type { ReleaseImage } from "../../domain/release/release.ts";
import type { ImageSource } from "../../ports/bundle-file.ts";
import type { Registry } from "../../ports/registry.ts";

/** Takes images from the vendor's registry, always by digest. */
export function registrySource(registry: Registry): ImageSource {
  const full = (repository: string) => (registry.target.prefix === "" ? repository : `${registry.target.prefix}/${repository}`);
  const read = async (image: ReleaseImage, digest: Digest, signal: AbortSignal): Promise<Uint8Array> => {
    const found = await registry.manifest(full(image.repository), digest, signal);
    if (found === undefined)
      throw new Problem("IMAGE_SOURCE_MISSING", { what: `${registry.target.host} has no ${digest} in ${full(image.repository)}` });
    if (found.digest !== digest)
      throw new Problem("IMAGE_SOURCE_ALTERED", {
        what: `${registry.target.host} gave ${found.digest} when asked for ${digest} of ${image.name}`,
      });
    return found.content;
  };
  return {
    name: registry.target.host,
    rootSize: async (image, signal) => (await read(image, image.digest, signal)).length,
    manifest: (image, { digest }, signal) => read(image, digest, signal),
    async *blob(image, descriptor, signal) {
      // Registries serve manifests under /manifests/ only.
      if (isManifestType(descriptor.mediaType)) yield await read(image, descriptor.digest, signal);
      else yield* registry.blob(full(image.repository), descriptor, signal);
    },
    close: async () => registry.close(),
  };
}
