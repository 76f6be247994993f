import { createHash } from "node:crypto";
import { type FileHandle, statfs } from "node:fs/promises";
import { dirname } from "node:path";
import { type BundleContent, formatBundleManifest } from "../../domain/bundle.ts";
import { digestOfHex } from "../../domain/digest.ts";
import { Problem } from "../../domain/errors/problem.ts";
import { inParallel } from "../../domain/in-parallel.ts";
import { formatBytes } from "../../domain/units.ts";
import type { BundleWriter, ByteSource } from "../../ports/bundle-file.ts";
import { contentDigest, layOut, type PlacedContent } from "./bundle-layout.ts";
import { sha256 } from "./hashing.ts";
import { createPartial } from "./partial-file.ts";

/** Contents copied at the same time: enough to hide the latency of a registry, few enough for a spinning disk. */
const copiesAtOnce = 4;

/** What a file system says of a place that it lets nobody write to. */
const unwritable: ReadonlySet<string> = new Set(["ENOENT", "EACCES", "EPERM", "EROFS", "ENOTDIR", "ENAMETOOLONG"]);

/** Writes bundles to the local disk. All offsets follow from the manifest, so contents are copied in parallel, each to its place. */
export const bundleWriter: BundleWriter = {
  measure(manifest) {
    const head = Buffer.from(formatBundleManifest(manifest));
    return { digest: sha256(head), size: layOut(manifest, head).size };
  },

  async write(path, manifest, read, advance, signal) {
    const head = Buffer.from(formatBundleManifest(manifest));
    const { frame, contents, size } = layOut(manifest, head);
    try {
      const partial = await createPartial(path);
      try {
        await demandSpace(path, size);
        await partial.file.truncate(size);
        for (const { position, parts } of frame) await writeAll(partial.file, Buffer.concat(parts.map(({ bytes }) => bytes)), position);
        await inParallel(contents, copiesAtOnce, signal, (placed, running) => copy(partial.file, placed, read, advance, running));
        await partial.finish();
      } catch (error) {
        await partial.discard();
        throw error;
      }
    } catch (error) {
      throw writeProblem(error, path, size);
    }
    return { digest: sha256(head), size };
  },
};

async function copy(
  file: FileHandle,
  { entry, offset }: PlacedContent,
  read: (entry: BundleContent) => ByteSource,
  advance: (bytes: number) => void,
  signal: AbortSignal,
): Promise<void> {
  const hash = createHash("sha256");
  let done = 0;
  for await (const chunk of read(entry)) {
    signal.throwIfAborted();
    if (done + chunk.length > entry.size) throw altered(entry, `is longer than the ${entry.size} bytes of its descriptor`);
    hash.update(chunk);
    await writeAll(file, chunk, offset + done);
    done += chunk.length;
    advance(chunk.length);
  }
  if (done < entry.size) throw altered(entry, `ends after ${done} of ${entry.size} bytes`);
  const found = digestOfHex(hash.digest("hex"));
  if (found !== contentDigest(entry)) throw altered(entry, `has the digest ${found}`);
}

function altered(entry: BundleContent, what: string): Problem {
  const users = entry.kind === "blob" ? ` (of ${entry.blob.users.join(", ")})` : "";
  return new Problem("IMAGE_SOURCE_ALTERED", { what: `${entry.kind === "blob" ? entry.blob.digest : entry.path}${users} ${what}` });
}

async function writeAll(file: FileHandle, content: Uint8Array, position: number): Promise<void> {
  for (let done = 0; done < content.length; )
    done += (await file.write(content, done, content.length - done, position + done)).bytesWritten;
}

/** Says so before the first byte when the disk cannot hold the bundle; file systems that do not tell their space are tried. */
async function demandSpace(path: string, size: number): Promise<void> {
  const { bavail, bsize } = await statfs(dirname(path));
  if (bavail * bsize < size && bavail > 0) throw full(path, size, `, and ${formatBytes(bavail * bsize)} are free`);
}

function writeProblem(error: unknown, path: string, size: number): unknown {
  const code = error instanceof Error && "code" in error ? error.code : undefined;
  if (code === "ENOSPC" || code === "EDQUOT" || code === "EFBIG") return full(path, size, "", error);
  if (typeof code === "string" && unwritable.has(code)) {
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
