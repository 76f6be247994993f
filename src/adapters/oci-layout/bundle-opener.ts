import { type FileHandle, open } from "node:fs/promises";
import { type BundleManifest, bundleEntries, bundleManifestName, parseBundleManifest } from "../../domain/bundle.ts";
import { Problem } from "../../domain/errors/problem.ts";
import type { BundleFile, BundleOpener } from "../../ports/bundle-file.ts";
import { sha256 } from "./hashing.ts";
import { OpenBundle } from "./open-bundle.ts";
import { endMark } from "./tar-header.ts";
import { readEntry, readIndex, type TarEntry, TarTruncated } from "./tar-index.ts";

/** A manifest is some hundred bytes a blob; more than this is no manifest. */
const largestHead = 64 * 1024 * 1024;

/** How many names an error lists before it counts the rest. */
const namesShown = 5;

/** Opens bundles on the local disk. */
export const bundleOpener: BundleOpener = {
  async open(path: string, signal: AbortSignal): Promise<BundleFile> {
    signal.throwIfAborted();
    const file = await openFile(path);
    try {
      return await read(file, path);
    } catch (error) {
      await file.close();
      throw error;
    }
  },
};

async function openFile(path: string): Promise<FileHandle> {
  try {
    return await open(path);
  } catch (cause) {
    throw new Problem("FILE_UNREADABLE", {
      what: `the bundle ${path} cannot be opened: ${cause instanceof Error ? cause.message : String(cause)}`,
      cause,
    });
  }
}

async function read(file: FileHandle, path: string): Promise<BundleFile> {
  const info = await file.stat();
  if (!info.isFile()) throw new Problem("BUNDLE_INVALID", { what: `${path} is not a file` });
  try {
    const first = await firstEntry(file, path, info.size);
    const head = Buffer.alloc(first.size);
    const { bytesRead } = await file.read(head, 0, first.size, first.offset);
    if (bytesRead < first.size) throw new TarTruncated(first.name);
    const manifest = parseBundleManifest(head.toString("utf8"), path);
    const { entries, end } = await readIndex(file, first, info.size);
    if (end + endMark > info.size) throw new TarTruncated("the end-of-archive mark");
    if (end + endMark < info.size)
      throw fault("BUNDLE_SUPERFLUOUS", `${path} goes on after its end`, [`${info.size - end - endMark} bytes at its end`]);
    return new OpenBundle({
      file,
      path,
      size: info.size,
      manifest,
      digest: sha256(head),
      entries: judge(path, manifest, entries.slice(1)),
    });
  } catch (cause) {
    if (cause instanceof TarTruncated)
      throw new Problem("BUNDLE_TRUNCATED", { what: `${path} ends after ${info.size} bytes, in the middle of ${cause.at}`, cause });
    if (cause instanceof RangeError)
      throw new Problem("BUNDLE_ALTERED", { what: `${path} cannot be read to its end: ${cause.message}`, cause });
    throw cause;
  }
}

async function firstEntry(file: FileHandle, path: string, size: number): Promise<TarEntry> {
  if (size === 0) throw new Problem("BUNDLE_TRUNCATED", { what: `${path} is empty` });
  const first = await readEntry(file, 0, size).catch((cause: unknown) => {
    if (cause instanceof RangeError || (cause instanceof TarTruncated && size < 512))
      throw new Problem("BUNDLE_INVALID", { what: `${path} is not a tar archive`, cause });
    throw cause;
  });
  if (first?.name !== bundleManifestName || first.size > largestHead) {
    throw new Problem("BUNDLE_INVALID", { what: `${path} is a tar, but does not start with ${bundleManifestName}` });
  }
  return first;
}

/** Compares what the tar holds with what the manifest names, both ways; gives the entries by path. */
function judge(path: string, manifest: BundleManifest, found: readonly TarEntry[]): ReadonlyMap<string, TarEntry> {
  const wanted = new Map(bundleEntries(manifest).map((entry) => [entry.path, entry]));
  const superfluous = found.filter(
    ({ name, type }, index) => !wanted.has(name) || type !== "0" || found.findIndex((other) => other.name === name) !== index,
  );
  if (superfluous.length > 0)
    throw fault(
      "BUNDLE_SUPERFLUOUS",
      `${path} holds what its manifest does not name`,
      superfluous.map(({ name }) => name),
    );
  const entries = new Map(found.map((entry) => [entry.name, entry]));
  const missing = [...wanted.keys()].filter((name) => !entries.has(name));
  if (missing.length > 0) throw fault("BUNDLE_BLOB_MISSING", `${path} lacks what its manifest names`, missing);
  const resized = found.filter(({ name, size }) => wanted.get(name)?.size !== size);
  if (resized.length > 0)
    throw fault(
      "BUNDLE_ALTERED",
      `${path} holds content of another size than its manifest says`,
      resized.map(({ name }) => name),
    );
  return entries;
}

function fault(code: "BUNDLE_SUPERFLUOUS" | "BUNDLE_BLOB_MISSING" | "BUNDLE_ALTERED", what: string, names: readonly string[]): Problem {
  const more = names.length > namesShown ? ` and ${names.length - namesShown} more` : "";
  return new Problem(code, { what: `${what}: ${names.slice(0, namesShown).join(", ")}${more}`, data: { entries: names } });
}
