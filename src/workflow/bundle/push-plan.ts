import type { Digest } from "../../domain/digest.ts";
import { type RegistryAddress, rewriteReference } from "../../domain/image-reference.ts";
import { inParallel } from "../../domain/in-parallel.ts";
import type { Descriptor } from "../../domain/oci/descriptor.ts";
import type { ReleaseImage } from "../../domain/release/release.ts";
import type { BundleFile } from "../../ports/bundle-file.ts";
import type { Registry } from "../../ports/registry.ts";
import { type ManifestNode, readTree } from "./tree.ts";

/** One image and what the registry says of it. */
export interface PlannedImage {
  readonly image: ReleaseImage;
  /** Full name in the registry. */
  readonly repository: string;
  /** `host/prefix/repo:tag@digest` */
  readonly reference: string;
  /** `present`: the tag stands for this digest already; `moves`: it stands for another one now. */
  readonly state: { readonly kind: "present" } | { readonly kind: "missing" } | { readonly kind: "moves"; readonly from: Digest };
  /** Manifests to store, children before their parents; the last is the image's own, stored under its tag. */
  readonly manifests: readonly Descriptor[];
}

/** A blob that some repository lacks: sent once, or not at all where another repository of the registry has it. */
export interface PlannedTransfer {
  readonly blob: Descriptor;
  /** A repository that has it already; absent: it is sent to the first of `into`, and the others get it from there. */
  readonly mountFrom?: string;
  readonly into: readonly string[];
}

/** What a push will do, decided before the first byte goes out. */
export interface PushPlan {
  readonly target: RegistryAddress;
  readonly images: readonly PlannedImage[];
  /** Largest first. */
  readonly transfers: readonly PlannedTransfer[];
  /** Bytes that have to be sent if every mount works: blobs and manifests. */
  readonly bytes: number;
  /** Bytes of the bundle's blobs that the registry has. */
  readonly presentBytes: number;
}

/** Questions asked at the same time. */
const questionsAtOnce = 8;

/**
 * Asks the registry what it has and plans the rest; sends nothing.
 * @throws Problem REGISTRY_*, BUNDLE_*
 */
export async function planPush(bundle: BundleFile, registry: Registry, target: RegistryAddress, signal: AbortSignal): Promise<PushPlan> {
  await registry.ping(signal);
  const images: PlannedImage[] = [];
  const repositories = new Repositories();
  const all = bundle.manifest.images;
  await inParallel(all, questionsAtOnce, signal, async (image, running) => {
    const { repository, reference } = rewriteReference(target, image);
    const found = await registry.manifestDigest(repository, image.tag, running);
    if (found === image.digest) {
      for (const blob of bundle.manifest.blobs) if (blob.users.includes(image.name)) repositories.has(repository, blob);
      images.push({ image, repository, reference, state: { kind: "present" }, manifests: [] });
      return;
    }
    const manifests = await missingManifests(await readTree(bundle, image, running), repository, registry, repositories, running);
    images.push({
      image,
      repository,
      reference,
      state: found === undefined ? { kind: "missing" } : { kind: "moves", from: found },
      manifests,
    });
  });
  await inParallel(repositories.unknown(), questionsAtOnce, signal, async ([repository, blob], running) => {
    if (await registry.hasBlob(repository, blob, running)) repositories.has(repository, blob);
  });
  const transfers = repositories.transfers();
  const planned = images.toSorted((a, b) => all.indexOf(a.image) - all.indexOf(b.image));
  const sent = transfers.filter(({ mountFrom }) => mountFrom === undefined);
  const absent = new Set(transfers.map(({ blob }) => blob.digest));
  return {
    target,
    images: planned,
    transfers,
    bytes: total(sent.map(({ blob }) => blob)) + total(planned.flatMap(({ manifests }) => manifests)),
    presentBytes: total(
      bundle.manifest.blobs.filter(
        ({ digest }) => !absent.has(digest) && !planned.some(({ manifests }) => manifests.some((manifest) => manifest.digest === digest)),
      ),
    ),
  };
}

/**
 * Manifests of a tree that the repository lacks, children first, and what is below them noted as needed. A registry keeps what a stored
 * manifest refers to, so nothing below a manifest that is there is asked for; the tree's own is always listed, for its tag.
 */
async function missingManifests(
  root: ManifestNode,
  repository: string,
  registry: Registry,
  repositories: Repositories,
  signal: AbortSignal,
): Promise<readonly Descriptor[]> {
  const visited = new Set<Digest>();
  const visit = async (node: ManifestNode): Promise<readonly Descriptor[]> => {
    if (visited.has(node.descriptor.digest)) return [];
    visited.add(node.descriptor.digest);
    if ((await registry.manifestDigest(repository, node.descriptor.digest, signal)) === node.descriptor.digest) return [];
    const below: Descriptor[] = [];
    for (const child of node.manifests) below.push(...(await visit(child)));
    for (const blob of node.blobs) repositories.needs(repository, blob);
    return [...below, node.descriptor];
  };
  const missing = await visit(root);
  return missing.length === 0 ? [root.descriptor] : missing;
}

/** Which repository needs which blob, and which has it. */
class Repositories {
  private readonly blobs = new Map<Digest, { readonly blob: Descriptor; readonly needing: Set<string>; readonly having: Set<string> }>();

  needs(repository: string, blob: Descriptor): void {
    this.of(blob).needing.add(repository);
  }

  has(repository: string, blob: Descriptor): void {
    this.of(blob).having.add(repository);
  }

  /** Pairs that have to be asked about. */
  unknown(): readonly (readonly [string, Descriptor])[] {
    return [...this.blobs.values()].flatMap(({ blob, needing, having }) =>
      [...needing].filter((repository) => !having.has(repository)).map((repository) => [repository, blob] as const),
    );
  }

  /** Largest first, so that the last transfers to end are short ones. */
  transfers(): readonly PlannedTransfer[] {
    return [...this.blobs.values()]
      .map(({ blob, needing, having }): PlannedTransfer => {
        const [mountFrom] = [...having].toSorted();
        const into = [...needing].filter((repository) => !having.has(repository)).toSorted();
        return mountFrom === undefined ? { blob, into } : { blob, into, mountFrom };
      })
      .filter(({ into }) => into.length > 0)
      .toSorted((a, b) => b.blob.size - a.blob.size || (a.blob.digest < b.blob.digest ? -1 : 1));
  }

  private of(blob: Descriptor) {
    const known = this.blobs.get(blob.digest) ?? { blob, needing: new Set<string>(), having: new Set<string>() };
    this.blobs.set(blob.digest, known);
    return known;
  }
}

function total(contents: readonly { readonly size: number }[]): number {
  return contents.reduce((sum, { size }) => sum + size, 0);
}
