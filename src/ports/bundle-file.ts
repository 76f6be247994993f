import type { Readable } from "node:stream";
import type { BundleManifest } from "../domain/bundle.ts";
import type { Digest } from "../domain/digest.ts";

/** An open bundle: every blob and file can be read at its offset in the tar; nothing is unpacked. */
export interface BundleFile {
  /** Path as given. */
  readonly path: string;
  readonly manifest: BundleManifest;
  /** sha256 of migratectl.bundle.json: names the whole content. */
  readonly digest: Digest;
  /** Bytes of the blob from `start` (default 0). @throws Problem BUNDLE_TRUNCATED, BUNDLE_BLOB_MISSING */
  blob(digest: Digest, start?: number): Readable;
  /** Content of a file beside the layout (chart, tool). */
  file(path: string): Readable;
  close(): Promise<void>;
}

/** Opens bundles. */
export interface BundleOpener {
  /** Reads the head of the file and the tar's index. @throws Problem BUNDLE_INVALID, BUNDLE_TRUNCATED, FILE_UNREADABLE */
  open(path: string, signal: AbortSignal): Promise<BundleFile>;
}
