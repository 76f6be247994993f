import type { BundleBlob } from "../../domain/bundle.ts";
import type { Digest } from "../../domain/digest.ts";
import { Problem } from "../../domain/errors/problem.ts";
import type { Descriptor } from "../../domain/oci/descriptor.ts";
import { childrenOf, largestManifest } from "../../domain/oci/manifest.ts";
import { isManifestType } from "../../domain/oci/media-type.ts";
import type { ReleaseImage } from "../../domain/release/release.ts";
import type { BundleFile } from "../../ports/bundle-file.ts";

/** A manifest of a bundle with what it refers to. */
export interface ManifestNode {
  readonly descriptor: Descriptor;
  readonly manifests: readonly ManifestNode[];
  /** Configs and layers. */
  readonly blobs: readonly Descriptor[];
}

/**
 * Reads the manifests of one image from the bundle, each once and checked against its digest, and that everything they refer to is in the
 * bundle's manifest as theirs.
 * @throws Problem BUNDLE_ALTERED, BUNDLE_BLOB_MISSING, BUNDLE_INVALID, BUNDLE_TRUNCATED
 */
export async function readTree(bundle: BundleFile, image: ReleaseImage, signal: AbortSignal): Promise<ManifestNode> {
  const blobs = new Map(bundle.manifest.blobs.map((blob) => [blob.digest, blob]));
  const read = new Map<Digest, ManifestNode>();
  const visit = async ({ mediaType, digest, size }: Descriptor): Promise<ManifestNode> => {
    const before = read.get(digest);
    if (before !== undefined) return before;
    const descriptor = { mediaType, digest, size };
    const children = parse(bundle, descriptor, await readManifest(bundle, descriptor, signal));
    for (const child of children) demand(bundle, blobs.get(child.digest), child, image);
    const manifests: ManifestNode[] = [];
    for (const child of children.filter((content) => isManifestType(content.mediaType))) manifests.push(await visit(child));
    const node = { descriptor, manifests, blobs: children.filter((content) => !isManifestType(content.mediaType)) };
    read.set(digest, node);
    return node;
  };
  return visit(image);
}

/** Digests of everything in a tree, its root too. */
export function digestsOf(root: ManifestNode): ReadonlySet<Digest> {
  const found = new Set<Digest>();
  for (const open = [root]; ; ) {
    const node = open.pop();
    if (node === undefined) return found;
    if (found.has(node.descriptor.digest)) continue;
    for (const { digest } of [node.descriptor, ...node.blobs]) found.add(digest);
    open.push(...node.manifests);
  }
}

/** Content of a manifest in the bundle, which is held in memory. Throws as {@link readTree}. */
export async function readManifest(bundle: BundleFile, { digest, size }: Descriptor, signal: AbortSignal): Promise<Uint8Array> {
  if (size > largestManifest) throw invalid(bundle, `${digest} is ${size} bytes, too large for a manifest`);
  if (!(await bundle.isIntact(digest, signal))) throw alteredBlob(bundle, digest);
  const chunks: Uint8Array[] = [];
  for await (const chunk of bundle.blob(digest)) chunks.push(chunk.slice());
  return Buffer.concat(chunks);
}

function demand(bundle: BundleFile, blob: BundleBlob | undefined, { digest, size }: Descriptor, { name }: ReleaseImage): void {
  if (blob === undefined)
    throw new Problem("BUNDLE_BLOB_MISSING", {
      what: `${bundle.path} lacks ${digest}, which the image "${name}" consists of`,
      data: { entries: [digest] },
    });
  if (blob.size !== size) throw invalid(bundle, `${digest} has ${blob.size} bytes, and ${size} for the image "${name}"`);
  if (!blob.users.includes(name)) throw invalid(bundle, `${digest} does not name its user, the image "${name}"`);
}

/** The error for a blob whose content is not what its digest says. */
export function alteredBlob(bundle: BundleFile, digest: string): Problem {
  return new Problem("BUNDLE_ALTERED", { what: `${bundle.path} is altered: ${digest} has other content`, data: { entries: [digest] } });
}

function parse(bundle: BundleFile, { mediaType, digest }: Descriptor, content: Uint8Array): readonly Descriptor[] {
  try {
    return childrenOf(mediaType, content);
  } catch (cause) {
    throw invalid(bundle, `${digest} is no manifest of type ${mediaType}`, cause);
  }
}

function invalid({ path }: BundleFile, why: string, cause?: unknown): Problem {
  return new Problem("BUNDLE_INVALID", { what: `${path} does not agree with itself: ${why}`, ...(cause === undefined ? {} : { cause }) });
}
