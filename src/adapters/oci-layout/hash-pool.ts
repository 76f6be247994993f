import type { FileHandle } from "node:fs/promises";
import { availableParallelism } from "node:os";
import { Worker } from "node:worker_threads";
import { z } from "zod";
import { inParallel } from "../../domain/in-parallel.ts";
import { type HashRange, isIntact } from "./hash-range.ts";

/** Below this many bytes one core is done before workers have started. */
const worthWorkers = 32 * 1024 * 1024;

const messageSchema = z.union([z.object({ bytes: z.number() }), z.object({ name: z.string(), intact: z.boolean() })]);

/** Most worker threads; the disk is the limit beyond. */
const mostWorkers = 8;

/** Hashes ranges of a file on all cores (two at least; small files on one) and gives the names of those that are not what they should be. */
export async function alteredRanges(
  file: FileHandle,
  ranges: readonly HashRange[],
  advance: (bytes: number) => void,
  signal: AbortSignal,
): Promise<readonly string[]> {
  if (ranges.reduce((sum, { size }) => sum + size, 0) < worthWorkers) return hashHere(file, ranges, advance, signal);
  const shares = fairShares(ranges, Math.max(2, Math.min(availableParallelism(), mostWorkers)));
  const altered = new Set<string>();
  // The first worker that fails stops the others, and all have ended before the caller may close the file that they read.
  await inParallel(shares, shares.length, signal, async (share, running) => {
    const names = await reports(startWorker(file, share), share, advance, running);
    for (const name of names) altered.add(name);
  });
  return ranges.map(({ name }) => name).filter((name) => altered.has(name));
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

function startWorker({ fd }: FileHandle, ranges: readonly HashRange[]): Worker {
  // Source runs as .ts; the build gives the worker a file of its own beside the bundled main module.
  const script = new URL(import.meta.url.endsWith(".ts") ? "./hash-worker.ts" : "./hash-worker.js", import.meta.url);
  return new Worker(script, { workerData: { fd, ranges } });
}

/**
 * What a worker reports of its ranges, once it has ended: the names of the altered ones. A range without a report is not taken for intact.
 * @throws Error when the worker fails, says what nobody understands, or ends before it has reported every range; the signal's reason
 */
export async function reports(
  worker: Worker,
  ranges: readonly HashRange[],
  advance: (bytes: number) => void,
  signal: AbortSignal,
): Promise<readonly string[]> {
  const open = new Set(ranges.map(({ name }) => name));
  const altered: string[] = [];
  let failed: unknown;
  const stop = (reason: unknown) => {
    failed ??= reason;
    void worker.terminate();
  };
  const aborted = () => stop(signal.reason);
  signal.addEventListener("abort", aborted, { once: true });
  if (signal.aborted) aborted();
  worker.on("message", (message: unknown) => {
    const { data, error } = messageSchema.safeParse(message);
    if (data === undefined) return stop(error);
    if ("bytes" in data) return advance(data.bytes);
    open.delete(data.name);
    if (!data.intact) altered.push(data.name);
  });
  worker.on("error", stop);
  const code = await new Promise<number>((resolve) => worker.once("exit", resolve));
  signal.removeEventListener("abort", aborted);
  if (failed !== undefined) throw failed;
  if (open.size > 0) throw new Error(`a hash worker ended with ${code} and left ${open.size} of ${ranges.length} contents unchecked`);
  return altered;
}
