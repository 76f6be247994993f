import { Problem } from "../../domain/errors/problem.ts";
import type { ImageSource } from "../../ports/bundle-file.ts";
import type { Registry } from "../../ports/registry.ts";

/** Takes images from the vendor's registry, always by digest. */
export function registrySource(registry: Registry): ImageSource {
  const full = (repository: string) => (registry.target.prefix === "" ? repository : `${registry.target.prefix}/${repository}`);
  return {
    name: registry.target.host,
    async manifest(image, descriptor, signal) {
      const found = await registry.manifest(full(image.repository), descriptor.digest, signal);
      if (found === undefined) throw new Problem("IMAGE_SOURCE_MISSING", { what: `${registry.target.host} has no ${descriptor.digest} in ${full(image.repository)}` });
      if (found.digest !== descriptor.digest) throw new Problem("IMAGE_SOURCE_ALTERED", { what: `${registry.target.host} gave ${found.digest} when asked for ${descriptor.digest} of ${image.name}` });
      return found.content;
    },
    blob: (image, descriptor, signal) => registry.blob(full(image.repository), descriptor, signal),
    close: async () => registry.close(),
  };
}
