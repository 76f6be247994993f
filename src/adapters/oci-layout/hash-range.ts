import { z } from "zod";
import { FileEnded, type Readable, readRange } from "./file-bytes.ts";
import { sha256Of } from "./hashing.ts";

/** What goes to a worker thread; see {@link HashRange}. */
export const hashRangeSchema = z.object({ name: z.string(), offset: z.number(), size: z.number(), digest: z.string() });

/** A range of a file and the sha256 digest that it should have. */
export type HashRange = Readonly<z.infer<typeof hashRangeSchema>>;

/** True when the range has its digest; a file that ends before it has not. `advance` gets bytes done. */
export async function isIntact(
  file: Readable,
  { offset, size, digest }: HashRange,
  advance: (bytes: number) => void,
  signal: AbortSignal,
): Promise<boolean> {
  try {
    return (await sha256Of(told(readRange(file, offset, size), advance), signal)).digest === digest;
  } catch (error) {
    if (error instanceof FileEnded) return false;
    throw error;
  }
}

async function* told(chunks: AsyncIterable<Uint8Array>, advance: (bytes: number) => void): AsyncGenerator<Uint8Array> {
  for await (const chunk of chunks) {
    yield chunk;
    advance(chunk.length);
  }
}
