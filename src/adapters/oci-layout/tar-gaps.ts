import type { FileHandle } from "node:fs/promises";
import { encodeHeader } from "./tar-header.ts";
import type { TarEntry } from "./tar-index.ts";

/**
 * Checks what lies between the contents: headers and padding must be the very bytes that the writer makes, so that nothing hides there.
 * `entries` are in the order of the file, without the first (whose header and content the opener reads). Gives the names of what differs.
 */
export async function alteredHeaders(file: FileHandle, fileSize: number, entries: readonly TarEntry[]): Promise<readonly string[]> {
  const altered: string[] = [];
  for (const [index, { name, size, offset }] of entries.entries()) {
    const header = encodeHeader(name, size);
    if (!(await holds(file, offset - header.length, header))) altered.push(`header of ${name}`);
    const next = entries[index + 1];
    const end = next === undefined ? fileSize : next.offset - encodeHeader(next.name, next.size).length;
    if (!(await holds(file, offset + size, Buffer.alloc(Math.max(0, end - offset - size))))) altered.push(`padding after ${name}`);
  }
  return altered;
}

async function holds(file: FileHandle, position: number, wanted: Buffer): Promise<boolean> {
  const { buffer, bytesRead } = await file.read(Buffer.alloc(wanted.length), 0, wanted.length, position);
  return bytesRead === wanted.length && buffer.equals(wanted);
}
