import type { BundleBlob } from "../../domain/bundle.ts";
import type { Digest } from "../../domain/digest.ts";
import { Problem } from "../../domain/errors/problem.ts";
import { inParallel } from "../../domain/in-parallel.ts";
import type { Descriptor } from "../../domain/oci/descriptor.ts";
import { childrenOf, largestManifest } from "../../domain/oci/manifest.ts";
import { isManifestType } from "../../domain/oci/media-type.ts";
import type { ReleaseImage } from "../../domain/release/release.ts";
import type { ImageSource } from "../../ports/bundle-file.ts";

/** Images whose manifests are read at the same time. */
const imagesAtOnce = 4;

/** What goes into a bundle: the images with the true size of their roots, and everything they consist of. */
export interface CollectedImages {
  readonly images: readonly ReleaseImage[];
  /** Each once with all its users, sorted by digest. */
  readonly blobs: readonly BundleBlob[];
}

/** Finds everything the images consist of; only manifests are read. @throws Problem IMAGE_SOURCE_*, REGISTRY_* */
export async function collectImages(source: ImageSource, locked: readonly ReleaseImage[], signal: AbortSignal): Promise<CollectedImages> {
  const images = await Promise.all(locked.map(async (image) => ({ ...image, size: await source.rootSize(image, signal) })));
  const found = new Map<Digest, { readonly descriptor: Descriptor; readonly users: Set<string> }>();
  await inParallel(images, imagesAtOnce, signal, (image, running) =>
    walk(source, image, image, running, (descriptor) => {
      const known = found.get(descriptor.digest) ?? { descriptor, users: new Set<string>() };
      if (known.descriptor.size !== descriptor.size)
        throw new Problem("IMAGE_SOURCE_ALTERED", {
          what: `${descriptor.digest} has two sizes in ${source.name}: ${known.descriptor.size} and ${descriptor.size} (${image.name})`,
        });
      if (isManifestType(known.descriptor.mediaType) !== isManifestType(descriptor.mediaType))
        throw new Problem("IMAGE_SOURCE_ALTERED", {
          what: `${descriptor.digest} in ${source.name} is a manifest in one place and none in another (${image.name})`,
        });
      // Docker and OCI have a media type each for the same layer; whichever image is read first, the bundle is the same.
      const first = descriptor.mediaType < known.descriptor.mediaType ? descriptor : known.descriptor;
      found.set(descriptor.digest, { descriptor: first, users: known.users });
      if (known.users.has(image.name)) return false;
      known.users.add(image.name);
      return true;
    }),
  );
  const blobs = [...found.values()]
    .map(({ descriptor: { digest, size, mediaType }, users }) => ({ digest, size, mediaType, users: [...users].toSorted() }))
    .toSorted((a, b) => (a.digest < b.digest ? -1 : 1));
  return { images, blobs };
}

/** Visits a manifest and all below it; `visit` says whether the content is new for this image. */
async function walk(
  source: ImageSource,
  image: ReleaseImage,
  descriptor: Descriptor,
  signal: AbortSignal,
  visit: (descriptor: Descriptor) => boolean,
): Promise<void> {
  if (!visit(descriptor) || !isManifestType(descriptor.mediaType)) return;
  if (descriptor.size > largestManifest)
    throw new Problem("IMAGE_SOURCE_ALTERED", {
      what: `${descriptor.digest} of ${image.name} is ${descriptor.size} bytes, too large for a manifest`,
    });
  const content = await source.manifest(image, descriptor, signal);
  for (const child of children(image, descriptor, content)) await walk(source, image, child, signal, visit);
}

function children(image: ReleaseImage, descriptor: Descriptor, content: Uint8Array): readonly Descriptor[] {
  try {
    return childrenOf(descriptor.mediaType, content);
  } catch (cause) {
    throw new Problem("IMAGE_SOURCE_ALTERED", {
      what: `${descriptor.digest} of ${image.name} is no manifest of type ${descriptor.mediaType}`,
      cause,
    });
  }
}
