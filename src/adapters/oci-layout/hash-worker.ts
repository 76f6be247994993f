import { open } from "node:fs/promises";
import { parentPort, workerData } from "node:worker_threads";
import { z } from "zod";
import { FileEnded, readRange } from "./file-bytes.ts";
import { sha256Of } from "./hashing.ts";

/** What the main thread asks of a worker: ranges of one file and the digest that each should have. */
const jobSchema = z.object({
  path: z.string(),
  ranges: z.array(z.object({ name: z.string(), offset: z.number(), size: z.number(), digest: z.string() })),
});

if (parentPort === null) throw new Error("this module runs as a worker only");
const port = parentPort;
const job = jobSchema.parse(workerData);
const file = await open(job.path);
try {
  for (const { name, offset, size, digest } of job.ranges) port.postMessage({ name, size, intact: await isIntact(offset, size, digest) });
} finally {
  await file.close();
}

async function isIntact(offset: number, size: number, digest: string): Promise<boolean> {
  try {
    return (await sha256Of(report(readRange(file, offset, size)), new AbortController().signal)).digest === digest;
  } catch (error) {
    if (error instanceof FileEnded) return false;
    throw error;
  }
}

/** Passes chunks on and tells the main thread how many bytes they were. */
async function* report(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  for await (const chunk of chunks) {
    yield chunk;
    port.postMessage({ bytes: chunk.length });
  }
}
