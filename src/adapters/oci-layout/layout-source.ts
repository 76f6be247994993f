import { readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { blobPath } from "../../domain/digest.ts";
import { Problem } from "../../domain/errors/problem.ts";
import type { Descriptor } from "../../domain/oci/descriptor.ts";
import type { ReleaseImage } from "../../domain/release/release.ts";
import type { ImageSource } from "../../ports/bundle-file.ts";
import { sha256 } from "./hashing.ts";
import { fileBytes } from "./release-folder.ts";

/** Takes images from an OCI image layout on disk. Nothing is read before the first question. */
export function layoutSource(folder: string): ImageSource {
  const find = async (image: ReleaseImage, { digest, size }: Descriptor): Promise<string> => {
    const path = join(folder, blobPath(digest));
    const info = await stat(path).catch((cause: unknown) => {
      throw new Problem("IMAGE_SOURCE_MISSING", { what: `the OCI layout ${folder} lacks ${digest} of ${image.name}`, cause });
    });
    if (info.size !== size) throw new Problem("IMAGE_SOURCE_ALTERED", { what: `${path} of ${image.name} has ${info.size} bytes; its descriptor says ${size}` });
    return path;
  };
  return {
    name: folder,
    async manifest(image, descriptor) {
      const path = await find(image, descriptor);
      const content = await readFile(path);
      if (sha256(content) !== descriptor.digest) throw new Problem("IMAGE_SOURCE_ALTERED", { what: `${path} of ${image.name} has the digest ${sha256(content)}` });
      return content;
    },
    async *blob(image, descriptor) {
      yield* fileBytes(await find(image, descriptor));
    },
    close: async () => undefined,
  };
}
