import type { BundledFile, BundleManifest } from "../../domain/bundle.ts";
import type { Digest } from "../../domain/digest.ts";
import type { BundledRelease, ReleaseImage } from "../../domain/release/release.ts";

/** One image of a bundle with what it weighs. */
interface ImageSummary {
  readonly image: ReleaseImage;
  /** Bytes of everything the image consists of, all platforms. */
  readonly bytes: number;
  /** Those of them that other images of the bundle need too. */
  readonly sharedBytes: number;
  readonly blobs: number;
}

/** What a bundle holds, told from its manifest alone. */
export interface BundleSummary {
  readonly path: string;
  /** Bytes of the file. */
  readonly size: number;
  /** sha256 of its manifest: names the whole content. */
  readonly digest: Digest;
  /** Whether there is a signature beside the manifest; nobody has checked it. */
  readonly signed: boolean;
  /** Absent when the bundle holds images only. */
  readonly release: BundledRelease | undefined;
  readonly images: readonly ImageSummary[];
  readonly files: readonly BundledFile[];
  /** Blobs, and their bytes, each counted once. */
  readonly blobs: number;
  readonly blobBytes: number;
  /** Bytes that are saved because shared blobs are held once. */
  readonly savedBytes: number;
}

/** Adds up what a bundle holds; reads nothing. */
export function summarize({
  path,
  size,
  digest,
  signed,
  manifest,
}: {
  readonly path: string;
  readonly size: number;
  readonly digest: Digest;
  readonly signed: boolean;
  readonly manifest: BundleManifest;
}): BundleSummary {
  const images = manifest.images.map((image): ImageSummary => {
    const own = manifest.blobs.filter((blob) => blob.users.includes(image.name));
    return { image, bytes: total(own), sharedBytes: total(own.filter((blob) => blob.users.length > 1)), blobs: own.length };
  });
  const blobBytes = total(manifest.blobs);
  const savedBytes = images.reduce((sum, { bytes }) => sum + bytes, 0) - blobBytes;
  return {
    path,
    size,
    digest,
    signed,
    release: manifest.release,
    images,
    files: manifest.files,
    blobs: manifest.blobs.length,
    blobBytes,
    savedBytes,
  };
}

function total(blobs: readonly { readonly size: number }[]): number {
  return blobs.reduce((sum, { size }) => sum + size, 0);
}
