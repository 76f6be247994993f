import { type FileHandle, open } from "node:fs/promises";
import { bundleManifestName, bundleSignatureName, largestSignature, parseBundleManifest } from "../../domain/bundle.ts";
import { Problem } from "../../domain/errors/problem.ts";
import type { BundleFile, BundleOpener } from "../../ports/bundle-file.ts";
import { padded } from "../tar/tar-header.ts";
import { readEntry, type TarEntry, TarTruncated } from "../tar/tar-index.ts";
import { layOut } from "./bundle-layout.ts";
import { diagnose, entriesProblem } from "./diagnosis.ts";
import { alteredParts } from "./frame.ts";
import { sha256 } from "./hashing.ts";
import { OpenBundle } from "./open-bundle.ts";

/** A manifest is some hundred bytes a blob; more than this is no manifest. */
const largestHead = 64 * 1024 * 1024;

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
    const signature = await signatureAfter(file, path, first, info.size);
    const layout = layOut(manifest, head, signature?.size);
    const altered = await alteredParts(file, layout.frame);
    if (altered.length > 0 || info.size !== layout.size) throw await diagnose({ file, path, size: info.size, manifest, first, altered });
    return new OpenBundle({ file, path, layout, manifest, digest: sha256(head), signed: signature !== undefined });
  } catch (cause) {
    if (cause instanceof TarTruncated)
      throw new Problem("BUNDLE_TRUNCATED", { what: `${path} ends after ${info.size} bytes, in the middle of ${cause.at}`, cause });
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

/** The signature behind the manifest, if that is what comes next; whatever else comes is for the frame to judge. */
async function signatureAfter(file: FileHandle, path: string, first: TarEntry, size: number): Promise<TarEntry | undefined> {
  const next = await readEntry(file, first.offset + padded(first.size), size).catch((cause: unknown) => {
    if (cause instanceof RangeError || cause instanceof TarTruncated) return undefined;
    throw cause;
  });
  if (next?.name !== bundleSignatureName) return undefined;
  if (next.size > largestSignature)
    throw entriesProblem("BUNDLE_SUPERFLUOUS", `${path} holds ${next.size} bytes as a signature, which is too much for one`, [next.name]);
  return next;
}
