import type { FileHandle } from "node:fs/promises";
import { decodeHeader, decodePax, padded, tarBlock } from "./tar-header.ts";

/** Where the content of one tar entry lies in its file. */
export interface TarEntry {
  readonly name: string;
  readonly type: string;
  /** Offset of the content's first byte. */
  readonly offset: number;
  readonly size: number;
}

/** The tar ends in the middle of an entry; `at` names the last entry that was begun. */
export class TarTruncated extends Error {
  readonly at: string;

  constructor(at: string) {
    super(`the archive ends in the middle of ${at}`);
    this.name = "TarTruncated";
    this.at = at;
  }
}

/** Pax records beyond this are not ours: a path and a size need a few hundred bytes. */
const largestPax = 64 * 1024;

/** Reads the entry whose header starts at `position`; undefined at the end of the archive. @throws TarTruncated, RangeError */
export async function readEntry(file: FileHandle, position: number, fileSize: number): Promise<TarEntry | undefined> {
  let pax: ReadonlyMap<string, string> = new Map();
  for (let at = position; ; ) {
    const header = decodeHeader(await read(file, at, tarBlock, fileSize, "a header"));
    if (header === undefined) return undefined;
    if (header.type !== "x") {
      const size = pax.has("size") ? Number(pax.get("size")) : header.size;
      const name = pax.get("path") ?? header.name;
      if (!Number.isSafeInteger(size) || size < 0) throw new RangeError(`the size of ${name} is not a number`);
      return { name, type: header.type, offset: at + tarBlock, size };
    }
    if (header.size > largestPax) throw new RangeError("pax records of an unlikely size");
    pax = decodePax(await read(file, at + tarBlock, header.size, fileSize, "pax records"));
    at += tarBlock + padded(header.size);
  }
}

/** Walks the headers after `first` to the end of the archive, reading no content. @throws TarTruncated, RangeError */
export async function readIndex(
  file: FileHandle,
  first: TarEntry,
  fileSize: number,
): Promise<{ readonly entries: readonly TarEntry[]; readonly end: number }> {
  const entries = [first];
  for (let last = first; ; ) {
    const next = last.offset + padded(last.size);
    if (next > fileSize || last.offset + last.size > fileSize) throw new TarTruncated(last.name);
    if (next === fileSize) throw new TarTruncated("the end-of-archive mark");
    const entry = await readEntry(file, next, fileSize);
    if (entry === undefined) return { entries, end: next };
    entries.push(entry);
    last = entry;
  }
}

async function read(file: FileHandle, position: number, length: number, fileSize: number, what: string): Promise<Buffer> {
  if (position + length > fileSize) throw new TarTruncated(what);
  const { buffer, bytesRead } = await file.read(Buffer.alloc(length), 0, length, position);
  if (bytesRead < length) throw new TarTruncated(what);
  return buffer;
}
