import { type BundleContent, type BundleManifest, bundleEntries, bundleManifestName, bundleSignatureName } from "../../domain/bundle.ts";
import type { Digest } from "../../domain/digest.ts";
import { encodeHeader, endMark, padded } from "../tar/tar-header.ts";

/** Bytes of a bundle that follow from its manifest: a header, a padding, a text, the mark at the end. */
interface FramePart {
  /** For messages. */
  readonly what: string;
  readonly bytes: Buffer;
}

/** Parts that lie one behind the other, from one content to the next. */
export interface FrameRun {
  readonly position: number;
  readonly parts: readonly FramePart[];
}

/** A blob or file and the offset of its first byte. */
export interface PlacedContent {
  readonly entry: BundleContent;
  readonly offset: number;
}

/** Where everything lies in a bundle: frame, signature and contents together are every byte of it. */
export interface BundleLayout {
  readonly frame: readonly FrameRun[];
  readonly contents: readonly PlacedContent[];
  /** Bytes of the whole file. */
  readonly size: number;
}

/**
 * Lays a bundle out. The writer writes the frame and the opener demands it, so that no byte of a bundle is free but those of a signature.
 * `head` is the manifest's content, `signatureSize` the bytes of the signature where there is one.
 */
export function layOut(manifest: BundleManifest, head: Buffer, signatureSize?: number): BundleLayout {
  const builder = new FrameBuilder();
  const contents: PlacedContent[] = [];
  builder.fixed(`header of ${bundleManifestName}`, encodeHeader(bundleManifestName, head.length));
  builder.fixed(bundleManifestName, head);
  builder.pad(bundleManifestName, head.length);
  if (signatureSize !== undefined) {
    builder.fixed(`header of ${bundleSignatureName}`, encodeHeader(bundleSignatureName, signatureSize));
    builder.gap(signatureSize);
    builder.pad(bundleSignatureName, signatureSize);
  }
  for (const entry of bundleEntries(manifest)) {
    builder.fixed(`header of ${entry.path}`, encodeHeader(entry.path, entry.size));
    if (entry.kind === "text") builder.fixed(entry.path, Buffer.from(entry.text));
    else {
      contents.push({ entry, offset: builder.end });
      builder.gap(entry.size);
    }
    builder.pad(entry.path, entry.size);
  }
  builder.fixed("the end-of-archive mark", Buffer.alloc(endMark));
  return { frame: builder.finish(), contents, size: builder.end };
}

/** What a content has to hash to. */
export function contentDigest(entry: BundleContent): Digest {
  return entry.kind === "file" ? entry.file.digest : entry.blob.digest;
}

class FrameBuilder {
  private readonly runs: FrameRun[] = [];
  private parts: FramePart[] = [];
  private position = 0;
  end = 0;

  fixed(what: string, bytes: Buffer): void {
    if (bytes.length === 0) return;
    this.parts.push({ what, bytes });
    this.end += bytes.length;
  }

  pad(what: string, size: number): void {
    this.fixed(`padding after ${what}`, Buffer.alloc(padded(size) - size));
  }

  /** Leaves room for bytes that do not follow from the manifest. */
  gap(size: number): void {
    this.close();
    this.end += size;
    this.position = this.end;
  }

  finish(): readonly FrameRun[] {
    this.close();
    return this.runs;
  }

  private close(): void {
    if (this.parts.length > 0) this.runs.push({ position: this.position, parts: this.parts });
    this.parts = [];
  }
}
