import { readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { blobPath, type Digest } from "../../domain/digest.ts";
import { Problem } from "../../domain/errors/problem.ts";
import type { Descriptor } from "../../domain/oci/descriptor.ts";
import type { ReleaseImage } from "../../domain/release/release.ts";
import type { ImageSource } from "../../ports/bundle-file.ts";
import { sha256 } from "./hashing.ts";
import { fileBytes } from "./release-folder.ts";

/** Takes images from an OCI image layout on disk. Nothing is read before the first question. */
export function layoutSource(folder: string): ImageSource {
  const locate = async (image: ReleaseImage, digest: Digest): Promise<{ readonly path: string; readonly size: number }> => {
    const path = join(folder, blobPath(digest));
    const info = await stat(path).catch((cause: unknown) => {
      throw new Problem("IMAGE_SOURCE_MISSING", { what: `the OCI layout ${folder} lacks ${digest} of ${image.name}`, cause });
    });
    return { path, size: info.size };
  };
  const find = async (image: ReleaseImage, descriptor: Descriptor): Promise<string> => {
    const { path, size } = await locate(image, descriptor.digest);
    if (size !== descriptor.size)
      throw new Problem("IMAGE_SOURCE_ALTERED", {
        what: `${path} of ${image.name} has ${size} bytes; its descriptor says ${descriptor.size}`,
      });
    return path;
  };
  return {
    name: folder,
    rootSize: async (image) => (await locate(image, image.digest)).size,
    async manifest(image, descriptor) {
      const path = await find(image, descriptor);
      const content = await readFile(path);
      if (sha256(content) !== descriptor.digest)
        throw new Problem("IMAGE_SOURCE_ALTERED", { what: `${path} of ${image.name} has the digest ${sha256(content)}` });
      return content;
    },
    async *blob(image, descriptor) {
      yield* fileBytes(await find(image, descriptor));
    },
    close: async () => undefined,
  };
}
