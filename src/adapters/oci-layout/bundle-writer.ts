import { createHash } from "node:crypto";
import { type FileHandle, open, rename, statfs, unlink } from "node:fs/promises";
import { dirname } from "node:path";
import { type BundleEntry, type BundleManifest, bundleEntries, bundleManifestName, formatBundleManifest } from "../../domain/bundle.ts";
import { type Digest, digestOfHex } from "../../domain/digest.ts";
import { Problem } from "../../domain/errors/problem.ts";
import { inParallel } from "../../domain/in-parallel.ts";
import { formatBytes } from "../../domain/units.ts";
import type { BundleWriter, ByteSource } from "../../ports/bundle-file.ts";
import { sha256 } from "./hashing.ts";
import { encodeHeader, endMark, padded } from "./tar-header.ts";

type Content = Exclude<BundleEntry, { kind: "text" }>;

/** An entry and the place in the file that its header and content get. */
interface Placed {
  readonly entry: BundleEntry;
  readonly header: Buffer;
  readonly position: number;
}

/** Contents copied at the same time: enough to hide the latency of a registry, few enough for a spinning disk. */
const copiesAtOnce = 4;

/** Writes bundles to the local disk. All offsets follow from the manifest, so contents are copied in parallel, each to its place. */
export const bundleWriter: BundleWriter = {
  async write(path, manifest, read, advance, signal) {
    const head = Buffer.from(formatBundleManifest(manifest));
    const { placed, size } = place(manifest, head.length);
    const partial = `${path}.partial`;
    const file = await create(partial, path);
    try {
      await demandSpace(path, size);
      await file.truncate(size);
      await writeAll(file, Buffer.concat([encodeHeader(bundleManifestName, head.length), head]), 0);
      await inParallel(placed, copiesAtOnce, signal, (item, running) => copy(file, item, read, advance, running));
      await file.datasync();
      await file.close();
      await rename(partial, path);
    } catch (error) {
      await file.close().catch(() => undefined);
      await unlink(partial);
      throw writeProblem(error, path, size);
    }
    return { digest: sha256(head), size };
  },
};

function place(manifest: BundleManifest, headSize: number): { readonly placed: readonly Placed[]; readonly size: number } {
  let position = encodeHeader(bundleManifestName, headSize).length + padded(headSize);
  const placed = bundleEntries(manifest).map((entry) => {
    const item: Placed = { entry, header: encodeHeader(entry.path, entry.size), position };
    position += item.header.length + padded(entry.size);
    return item;
  });
  return { placed, size: position + endMark };
}

async function copy(
  file: FileHandle,
  { entry, header, position }: Placed,
  read: (entry: Content) => ByteSource,
  advance: (bytes: number) => void,
  signal: AbortSignal,
): Promise<void> {
  await writeAll(file, header, position);
  const start = position + header.length;
  if (entry.kind === "text") return writeAll(file, Buffer.from(entry.text), start);
  const hash = createHash("sha256");
  let done = 0;
  for await (const chunk of read(entry)) {
    signal.throwIfAborted();
    if (done + chunk.length > entry.size) throw altered(entry, `is longer than the ${entry.size} bytes of its descriptor`);
    hash.update(chunk);
    await writeAll(file, chunk, start + done);
    done += chunk.length;
    advance(chunk.length);
  }
  if (done < entry.size) throw altered(entry, `ends after ${done} of ${entry.size} bytes`);
  const found = digestOfHex(hash.digest("hex"));
  if (found !== digestOf(entry)) throw altered(entry, `has the digest ${found}`);
}

function digestOf(entry: Content): Digest {
  return entry.kind === "file" ? entry.file.digest : entry.blob.digest;
}

function altered(entry: Content, what: string): Problem {
  const users = entry.kind === "blob" ? ` (of ${entry.blob.users.join(", ")})` : "";
  return new Problem("IMAGE_SOURCE_ALTERED", { what: `${entry.kind === "blob" ? entry.blob.digest : entry.path}${users} ${what}` });
}

async function writeAll(file: FileHandle, content: Uint8Array, position: number): Promise<void> {
  for (let done = 0; done < content.length; )
    done += (await file.write(content, done, content.length - done, position + done)).bytesWritten;
}

async function create(partial: string, path: string): Promise<FileHandle> {
  try {
    return await open(partial, "w");
  } catch (error) {
    throw writeProblem(error, path, 0);
  }
}

/** Says so before the first byte when the disk cannot hold the bundle; file systems that do not tell their space are tried. */
async function demandSpace(path: string, size: number): Promise<void> {
  const { bavail, bsize } = await statfs(dirname(path));
  if (bavail * bsize < size && bavail > 0) throw full(path, size, `, and ${formatBytes(bavail * bsize)} are free`);
}

function writeProblem(error: unknown, path: string, size: number): unknown {
  const code = error instanceof Error && "code" in error ? error.code : undefined;
  if (code === "ENOSPC" || code === "EDQUOT" || code === "EFBIG") return full(path, size, "", error);
  if (code === "ENOENT" || code === "EACCES" || code === "EPERM" || code === "EISDIR" || code === "EROFS" || code === "ENOTDIR") {
    return new Problem("FILE_UNWRITABLE", {
      what: `${path} cannot be written: ${error instanceof Error ? error.message : String(code)}`,
      cause: error,
    });
  }
  return error;
}

function full(path: string, size: number, free: string, cause?: unknown): Problem {
  return new Problem("BUNDLE_DISK_FULL", {
    what: `the bundle needs ${formatBytes(size)} in ${dirname(path)}${free}; nothing is left behind`,
    data: { bytes: size },
    ...(cause === undefined ? {} : { cause }),
  });
}
