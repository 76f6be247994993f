import { read } from "node:fs";
import { promisify } from "node:util";
import { parentPort, workerData } from "node:worker_threads";
import { z } from "zod";
import { hashRangeSchema, isIntact } from "./hash-range.ts";

/** What the main thread asks of a worker: `fd` is its own descriptor, which all threads share, so that no other file can slip in. */
const jobSchema = z.object({ fd: z.int(), ranges: z.array(hashRangeSchema) });

if (parentPort === null) throw new Error("this module runs as a worker only");
const port = parentPort;
const { fd, ranges } = jobSchema.parse(workerData);
const readAt = promisify(read);
const file = {
  read: (buffer: Buffer, offset: number, length: number, position: number) => readAt(fd, buffer, offset, length, position),
};
// The main thread ends the worker when it is told to stop.
const { signal } = new AbortController();
for (const range of ranges) {
  const intact = await isIntact(file, range, (bytes) => port.postMessage({ bytes }), signal);
  port.postMessage({ name: range.name, intact });
}
