import { createHash } from "node:crypto";
import type { FileHandle } from "node:fs/promises";
import type { BundleManifest } from "../../domain/bundle.ts";
import { blobPath, type Digest, digestOfHex } from "../../domain/digest.ts";
import { Problem } from "../../domain/errors/problem.ts";
import type { BundleFile, ByteSource } from "../../ports/bundle-file.ts";
import { type BundleLayout, contentDigest, type PlacedContent } from "./bundle-layout.ts";
import { FileEnded, readRange } from "./file-bytes.ts";
import { alteredRanges } from "./hash-pool.ts";
import { sha256Of } from "./hashing.ts";

/** What the opener found out. */
export interface BundleParts {
  readonly file: FileHandle;
  readonly path: string;
  readonly layout: BundleLayout;
  readonly manifest: BundleManifest;
  readonly digest: Digest;
  readonly signed: boolean;
}

/** A bundle on the local disk; reads go to the entry's offset in the one file. */
export class OpenBundle implements BundleFile {
  private readonly parts: BundleParts;
  private readonly contents: ReadonlyMap<string, PlacedContent>;

  constructor(parts: BundleParts) {
    this.parts = parts;
    this.contents = new Map(parts.layout.contents.map((placed) => [placed.entry.path, placed]));
  }

  get path(): string {
    return this.parts.path;
  }

  get size(): number {
    return this.parts.layout.size;
  }

  get manifest(): BundleManifest {
    return this.parts.manifest;
  }

  get digest(): Digest {
    return this.parts.digest;
  }

  get signed(): boolean {
    return this.parts.signed;
  }

  blob(digest: Digest, start = 0): ByteSource {
    return this.content(blobPath(digest), start);
  }

  file(path: string): ByteSource {
    const described = this.manifest.files.find((file) => file.path === path);
    return checked(this.content(path, 0), this.path, path, described?.digest);
  }

  async isIntact(digest: Digest, signal: AbortSignal): Promise<boolean> {
    return (await sha256Of(this.blob(digest), signal)).digest === digest;
  }

  async alteredEntries(advance: (bytes: number) => void, signal: AbortSignal): Promise<readonly string[]> {
    const ranges = this.parts.layout.contents.map(({ entry, offset }) => ({
      name: entry.path,
      digest: contentDigest(entry),
      offset,
      size: entry.size,
    }));
    return alteredRanges(this.parts.file, ranges, advance, signal).catch((cause: unknown) => {
      throw readFault(this.path, cause);
    });
  }

  close(): Promise<void> {
    return this.parts.file.close();
  }

  private content(path: string, start: number): ByteSource {
    const placed = this.contents.get(path);
    if (placed === undefined)
      throw new Problem("BUNDLE_BLOB_MISSING", { what: `${this.path} does not hold ${path}`, data: { entries: [path] } });
    const range = readRange(this.parts.file, placed.offset + start, placed.entry.size - start);
    return truncationNamed(range, this.path, path);
  }
}

async function* truncationNamed(range: AsyncIterable<Uint8Array>, bundle: string, entry: string): AsyncGenerator<Uint8Array> {
  try {
    yield* range;
  } catch (cause) {
    if (cause instanceof FileEnded)
      throw new Problem("BUNDLE_TRUNCATED", { what: `${bundle} was cut short while it was read, in ${entry}`, cause });
    throw readFault(bundle, cause);
  }
}

/** A disk or stick that gives an error is no mistake of ours; everything else stays what it is. */
function readFault(bundle: string, cause: unknown): unknown {
  if (!(cause instanceof Error) || !("syscall" in cause) || cause.syscall !== "read") return cause;
  return new Problem("FILE_UNREADABLE", { what: `${bundle} cannot be read: ${cause.message}`, cause });
}

/** Files are used on this host (a chart is rendered, a tool is run), so what was changed since must not pass. */
async function* checked(content: ByteSource, bundle: string, entry: string, digest: Digest | undefined): AsyncGenerator<Uint8Array> {
  const hash = createHash("sha256");
  for await (const chunk of content) {
    hash.update(chunk);
    yield chunk;
  }
  if (digest !== digestOfHex(hash.digest("hex")))
    throw new Problem("BUNDLE_ALTERED", { what: `${bundle} is altered: ${entry} has other content`, data: { entries: [entry] } });
}
