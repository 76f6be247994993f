import { open } from "node:fs/promises";
import { parentPort, workerData } from "node:worker_threads";
import { z } from "zod";
import { hashRangeSchema, isIntact } from "./hash-range.ts";

/** What the main thread asks of a worker. */
const jobSchema = z.object({ path: z.string(), ranges: z.array(hashRangeSchema) });

if (parentPort === null) throw new Error("this module runs as a worker only");
const port = parentPort;
const job = jobSchema.parse(workerData);
const file = await open(job.path);
// The main thread ends the worker when it is told to stop.
const { signal } = new AbortController();
try {
  for (const range of job.ranges) {
    const intact = await isIntact(file, range, (bytes) => port.postMessage({ bytes }), signal);
    port.postMessage({ name: range.name, size: range.size, intact });
  }
} finally {
  await file.close();
}
