import type { FileHandle } from "node:fs/promises";
import { availableParallelism } from "node:os";
import { Worker } from "node:worker_threads";
import { z } from "zod";
import { type HashRange, isIntact } from "./hash-range.ts";

/** Below this many bytes one core is done before workers have started. */
const worthWorkers = 32 * 1024 * 1024;

const messageSchema = z.union([z.object({ bytes: z.number() }), z.object({ name: z.string(), size: z.number(), intact: z.boolean() })]);

/** Most worker threads; the disk is the limit beyond. */
const mostWorkers = 8;

/** Hashes ranges of a file on all cores (two at least; small files on one) and gives the names of those that are not what they should be. */
export async function alteredRanges(
  file: FileHandle,
  path: string,
  ranges: readonly HashRange[],
  advance: (bytes: number) => void,
  signal: AbortSignal,
): Promise<readonly string[]> {
  if (ranges.reduce((sum, { size }) => sum + size, 0) < worthWorkers) return hashHere(file, ranges, advance, signal);
  const shares = fairShares(ranges, Math.max(2, Math.min(availableParallelism(), mostWorkers)));
  const found = await Promise.all(shares.map((share) => runWorker(path, share, advance, signal)));
  return ranges.map(({ name }) => name).filter((name) => found.some((names) => names.includes(name)));
}

async function hashHere(
  file: FileHandle,
  ranges: readonly HashRange[],
  advance: (bytes: number) => void,
  signal: AbortSignal,
): Promise<readonly string[]> {
  const altered: string[] = [];
  for (const range of ranges) {
    if (!(await isIntact(file, range, advance, signal))) altered.push(range.name);
  }
  return altered;
}

/** Largest first, each to the share that has least: no worker is left with one giant at the end. */
function fairShares(ranges: readonly HashRange[], count: number): readonly (readonly HashRange[])[] {
  const shares = Array.from({ length: count }, () => ({ bytes: 0, ranges: [] as HashRange[] }));
  for (const range of ranges.toSorted((a, b) => b.size - a.size)) {
    const least = shares.reduce((best, share) => (share.bytes < best.bytes ? share : best));
    least.ranges.push(range);
    least.bytes += range.size + 1;
  }
  return shares.map((share) => share.ranges).filter((share) => share.length > 0);
}

function runWorker(
  path: string,
  ranges: readonly HashRange[],
  advance: (bytes: number) => void,
  signal: AbortSignal,
): Promise<readonly string[]> {
  // Source runs as .ts; the build gives the worker a file of its own beside the bundled main module.
  const script = new URL(import.meta.url.endsWith(".ts") ? "./hash-worker.ts" : "./hash-worker.js", import.meta.url);
  const worker = new Worker(script, { workerData: { path, ranges } });
  const altered: string[] = [];
  const stop = () => void worker.terminate();
  signal.addEventListener("abort", stop, { once: true });
  return new Promise<readonly string[]>((resolve, reject) => {
    worker.on("message", (message: unknown) => {
      const parsed = messageSchema.parse(message);
      if ("bytes" in parsed) advance(parsed.bytes);
      else if (!parsed.intact) altered.push(parsed.name);
    });
    worker.on("error", reject);
    worker.on("exit", () => (signal.aborted ? reject(signal.reason) : resolve(altered)));
  }).finally(() => signal.removeEventListener("abort", stop));
}
