import type { BundleContent, BundleManifest } from "../domain/bundle.ts";
import type { Digest } from "../domain/digest.ts";
import type { Descriptor } from "../domain/oci/descriptor.ts";
import type { ReleaseImage, ReleaseSpec } from "../domain/release/release.ts";

/**
 * Bytes that are read while they are used. A chunk may be reused for later ones: it is valid only until the next one is asked for,
 * so collectors copy. Leaving the loop early closes what is behind it.
 */
export type ByteSource = AsyncIterable<Uint8Array>;

/** An open bundle: every blob and file can be read at its offset in the tar; nothing is unpacked. */
export interface BundleFile {
  /** Path as given. */
  readonly path: string;
  /** Bytes of the whole file. */
  readonly size: number;
  readonly manifest: BundleManifest;
  /** sha256 of migratectl.bundle.json: names the whole content. */
  readonly digest: Digest;
  /** Whether there is a signature beside the manifest. It is not checked: this version has no key to check it with. */
  readonly signed: boolean;
  /** Bytes of the blob from `start` (default 0). @throws Problem BUNDLE_BLOB_MISSING at once, BUNDLE_TRUNCATED while reading */
  blob(digest: Digest, start?: number): ByteSource;
  /** Content of a file beside the layout (chart, tool), by its path in the bundle. Throws as {@link blob}, and BUNDLE_ALTERED at its end. */
  file(path: string): ByteSource;
  /** Hashes one blob: false when the file no longer holds what its digest says. */
  isIntact(digest: Digest, signal: AbortSignal): Promise<boolean>;
  /** Hashes every blob and file on all cores and gives the paths whose content is not what the manifest says. `advance` gets bytes done. */
  alteredEntries(advance: (bytes: number) => void, signal: AbortSignal): Promise<readonly string[]>;
  close(): Promise<void>;
}

/** Opens bundles. */
export interface BundleOpener {
  /**
   * Reads the manifest at the head of the file and compares every byte that is no blob and no file (headers, padding, order, end) with
   * what the writer of that manifest writes: nothing can hide between the contents, which are not read.
   * @throws Problem BUNDLE_INVALID, BUNDLE_NEWER, BUNDLE_TRUNCATED, BUNDLE_SUPERFLUOUS, BUNDLE_BLOB_MISSING, BUNDLE_ALTERED, FILE_UNREADABLE
   */
  open(path: string, signal: AbortSignal): Promise<BundleFile>;
}

/** A file that goes into a bundle: its size and digest are known before it is copied. */
export interface FileContent {
  readonly size: number;
  readonly digest: Digest;
  /** Reads it from the start; may be called again. */
  read(): ByteSource;
}

/** What names a bundle: sha256 of its manifest, and bytes of the whole file. */
export interface BundleMeasure {
  readonly digest: Digest;
  readonly size: number;
}

/** Writes bundles: equal manifests give equal bytes. */
export interface BundleWriter {
  /** What {@link write} would write, without writing. */
  measure(manifest: BundleManifest): BundleMeasure;
  /**
   * Writes to a file of this process's own beside `path`, checking every content against its digest, and renames it when it is complete.
   * What killed writers of `path` have left is removed first. `advance` gets bytes done.
   * @throws Problem BUNDLE_BUSY when another process is writing `path`, BUNDLE_DISK_FULL, FILE_UNWRITABLE, IMAGE_SOURCE_ALTERED and what `read` throws
   */
  write(
    path: string,
    manifest: BundleManifest,
    read: (entry: BundleContent) => ByteSource,
    advance: (bytes: number) => void,
    signal: AbortSignal,
  ): Promise<BundleMeasure>;
}

/** The vendor's release folder on disk. */
export interface ReleaseSource {
  /** Reads release.yaml in a folder. @throws Problem RELEASE_INVALID, FILE_UNREADABLE */
  spec(folder: string): Promise<ReleaseSpec>;
  /** Reads images.lock.json. @throws Problem RELEASE_LOCK_INVALID */
  lock(path: string): Promise<readonly ReleaseImage[]>;
  /** Packs the release's chart, versioned as the release: equal folders give equal bytes. @throws Problem RELEASE_INVALID, FILE_UNREADABLE */
  chart(folder: string, spec: ReleaseSpec): Promise<FileContent>;
  /** Hashes a file that goes into the bundle as it is. @throws Problem FILE_UNREADABLE */
  file(path: string, signal: AbortSignal): Promise<FileContent>;
}

/** Where the images of a release are taken from: an OCI layout on disk, or a registry. */
export interface ImageSource {
  /** For messages: the folder, or the registry. */
  readonly name: string;
  /** Bytes of the image's index or manifest: a lock may count an image's size in another way. Throws as {@link manifest}. */
  rootSize(image: ReleaseImage, signal: AbortSignal): Promise<number>;
  /** Bytes of a manifest or index, checked against its digest. @throws Problem IMAGE_SOURCE_MISSING, IMAGE_SOURCE_ALTERED, REGISTRY_* */
  manifest(image: ReleaseImage, descriptor: Descriptor, signal: AbortSignal): Promise<Uint8Array>;
  /** Bytes of any content; the reader checks them. @throws as {@link manifest} */
  blob(image: ReleaseImage, descriptor: Descriptor, signal: AbortSignal): ByteSource;
  close(): Promise<void>;
}
