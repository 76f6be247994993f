import { Problem } from "../../domain/errors/problem.ts";
import type { Descriptor } from "../../domain/oci/descriptor.ts";
import { childrenOf } from "../../domain/oci/manifest.ts";
import { isManifestType } from "../../domain/oci/media-type.ts";
import type { BundleFile } from "../../ports/bundle-file.ts";

/** A manifest of a bundle with what it refers to. */
export interface ManifestNode {
  readonly descriptor: Descriptor;
  readonly manifests: readonly ManifestNode[];
  /** Configs and layers. */
  readonly blobs: readonly Descriptor[];
}

/** Reads the manifests of one image from the bundle, each checked against its digest. @throws Problem BUNDLE_ALTERED, BUNDLE_BLOB_MISSING, BUNDLE_TRUNCATED */
export async function readTree(bundle: BundleFile, { mediaType, digest, size }: Descriptor, signal: AbortSignal): Promise<ManifestNode> {
  const descriptor = { mediaType, digest, size };
  const children = parse(bundle, descriptor, await readManifest(bundle, descriptor, signal));
  const manifests: ManifestNode[] = [];
  for (const child of children.filter((content) => isManifestType(content.mediaType)))
    manifests.push(await readTree(bundle, child, signal));
  return { descriptor, manifests, blobs: children.filter((content) => !isManifestType(content.mediaType)) };
}

/** Content of a manifest in the bundle. Throws as {@link readTree}. */
export async function readManifest(bundle: BundleFile, { digest }: Descriptor, signal: AbortSignal): Promise<Uint8Array> {
  if (!(await bundle.isIntact(digest, signal))) throw alteredBlob(bundle, digest);
  const chunks: Uint8Array[] = [];
  for await (const chunk of bundle.blob(digest)) chunks.push(chunk.slice());
  return Buffer.concat(chunks);
}

/** The error for a blob whose content is not what its digest says. */
export function alteredBlob(bundle: BundleFile, digest: string): Problem {
  return new Problem("BUNDLE_ALTERED", { what: `${bundle.path} is altered: ${digest} has other content`, data: { entries: [digest] } });
}

function parse(bundle: BundleFile, { mediaType, digest }: Descriptor, content: Uint8Array): readonly Descriptor[] {
  try {
    return childrenOf(mediaType, content);
  } catch (cause) {
    throw new Problem("BUNDLE_INVALID", { what: `${digest} in ${bundle.path} is no manifest of type ${mediaType}`, cause });
  }
}
