import { createHash } from "node:crypto";
import type { FileHandle } from "node:fs/promises";
import { type BundleManifest, bundleEntries } from "../../domain/bundle.ts";
import { blobPath, type Digest, digestOfHex } from "../../domain/digest.ts";
import { Problem } from "../../domain/errors/problem.ts";
import type { BundleFile, ByteSource } from "../../ports/bundle-file.ts";
import { FileEnded, readRange } from "./file-bytes.ts";
import { alteredRanges } from "./hash-pool.ts";
import { sha256, sha256Of } from "./hashing.ts";
import { alteredHeaders } from "./tar-gaps.ts";
import type { TarEntry } from "./tar-index.ts";

/** What the opener found out. */
export interface BundleParts {
  readonly file: FileHandle;
  readonly path: string;
  readonly size: number;
  readonly manifest: BundleManifest;
  readonly digest: Digest;
  /** By path inside the tar. */
  readonly entries: ReadonlyMap<string, TarEntry>;
}

/** A bundle on the local disk; reads go to the entry's offset in the one file. */
export class OpenBundle implements BundleFile {
  private readonly parts: BundleParts;

  constructor(parts: BundleParts) {
    this.parts = parts;
  }

  get path(): string {
    return this.parts.path;
  }

  get size(): number {
    return this.parts.size;
  }

  get manifest(): BundleManifest {
    return this.parts.manifest;
  }

  get digest(): Digest {
    return this.parts.digest;
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
    const ranges = bundleEntries(this.manifest).map((entry) => {
      const digest = entry.kind === "text" ? sha256(entry.text) : entry.kind === "file" ? entry.file.digest : entry.blob.digest;
      return { name: entry.path, digest, ...this.entry(entry.path) };
    });
    const altered = await alteredRanges(this.parts.file, this.path, ranges, advance, signal);
    return [...altered, ...(await alteredHeaders(this.parts.file, this.parts.size, [...this.parts.entries.values()]))];
  }

  close(): Promise<void> {
    return this.parts.file.close();
  }

  private content(path: string, start: number): ByteSource {
    const { offset, size } = this.entry(path);
    const range = readRange(this.parts.file, offset + start, size - start);
    return truncationNamed(range, this.path, path);
  }

  private entry(path: string): { readonly offset: number; readonly size: number } {
    const entry = this.parts.entries.get(path);
    if (entry === undefined)
      throw new Problem("BUNDLE_BLOB_MISSING", { what: `${this.path} does not hold ${path}`, data: { entries: [path] } });
    return { offset: entry.offset, size: entry.size };
  }
}

async function* truncationNamed(range: AsyncIterable<Uint8Array>, bundle: string, entry: string): AsyncGenerator<Uint8Array> {
  try {
    yield* range;
  } catch (cause) {
    if (cause instanceof FileEnded)
      throw new Problem("BUNDLE_TRUNCATED", { what: `${bundle} was cut short while it was read, in ${entry}`, cause });
    throw cause;
  }
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
