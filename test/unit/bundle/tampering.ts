import { decodeHeader, encodeHeader, padded, tarBlock } from "../../../src/adapters/tar/tar-header.ts";
import { bundleManifestName } from "../../../src/domain/bundle.ts";

/** One entry as it lies in a tar: header, content and padding. */
export interface RawEntry {
  readonly name: string;
  readonly start: number;
  /** Of the content. */
  readonly offset: number;
  readonly size: number;
  /** Of the next entry. */
  readonly end: number;
}

/** Cuts a tar of plain headers into its entries. */
export function rawEntries(tar: Buffer): readonly RawEntry[] {
  const entries: RawEntry[] = [];
  for (let start = 0; ; ) {
    const header = decodeHeader(tar.subarray(start, start + tarBlock));
    if (header === undefined) return entries;
    const offset = start + tarBlock;
    const end = offset + padded(header.size);
    entries.push({ name: header.name, start, offset, size: header.size, end });
    start = end;
  }
}

/** A header block with bytes changed and its checksum made right again, as somebody who knows tar would do it. */
export function resealed(header: Buffer, at: number, text: string): Buffer {
  const block = Buffer.from(header);
  block.write(text, at, "latin1");
  block.write(" ".repeat(8), 148, "latin1");
  const sum = block.reduce((total, byte) => total + byte, 0);
  block.write(`${sum.toString(8).padStart(6, "0")}\0 `, 148, "latin1");
  return block;
}

/** A whole entry of any type. */
export function entry(name: string, content: Buffer, type = "0"): Buffer {
  const header = encodeHeader(name, content.length);
  return Buffer.concat([
    type === "0" ? header : resealed(header, 156, type),
    content,
    Buffer.alloc(padded(content.length) - content.length),
  ]);
}

/** A pax header that hides `size` bytes in a comment, which every tar program skips. */
export function paxComment(size: number): Buffer {
  const start = `${size} comment=`;
  return entry("PaxHeader", Buffer.from(`${start.padEnd(size - 1, "x")}\n`), "x");
}

/** Puts bytes between others. */
export function inserted(tar: Buffer, at: number, bytes: Buffer): Buffer {
  return Buffer.concat([tar.subarray(0, at), bytes, tar.subarray(at)]);
}

/** Writes over bytes. */
export function replaced(tar: Buffer, at: number, bytes: Buffer): Buffer {
  return Buffer.concat([tar.subarray(0, at), bytes, tar.subarray(at + bytes.length)]);
}

/** A random change of a bundle; the seed decides everything. Its description says what was done. */
export function tamper(tar: Buffer, random: (below: number) => number): { readonly done: string; readonly tar: Buffer } {
  const entries = rawEntries(tar);
  const pick = (): RawEntry => entries[random(entries.length)] ?? { name: "", start: 0, offset: 0, size: 0, end: 0 };
  const one = pick();
  const other = pick();
  const header = tar.subarray(one.start, one.offset);
  const garbage = (size: number) => Buffer.from(Array.from({ length: size }, () => random(256)));
  const sizes = [1, 2, 511, 512, 513, 1024, 5000];
  const size = sizes[random(sizes.length)] ?? 1;
  const anywhere = random(tar.length);
  const ways: readonly (() => readonly [string, Buffer])[] = [
    () => [`flipped bits of byte ${anywhere}`, replaced(tar, anywhere, Buffer.from([(tar[anywhere] ?? 0) ^ (1 + random(255))]))],
    () => [`${size} bytes put in at ${anywhere}`, inserted(tar, anywhere, garbage(size))],
    () => [`${size} zeros put in at ${anywhere}`, inserted(tar, anywhere, Buffer.alloc(size))],
    () => [`${size} bytes taken out at ${anywhere}`, Buffer.concat([tar.subarray(0, anywhere), tar.subarray(anywhere + size)])],
    () => [`a block of zeros before ${one.name}`, inserted(tar, one.start, Buffer.alloc(tarBlock))],
    () => [`a pax comment before ${one.name}`, inserted(tar, one.start, paxComment(30 + random(3000)))],
    () => [`a stowaway before ${one.name}`, inserted(tar, one.start, entry(`x${random(1000)}`, garbage(random(700))))],
    () => [`a folder before ${one.name}`, inserted(tar, one.start, entry("folder/", Buffer.alloc(0), "5"))],
    () => [`${one.name} twice`, inserted(tar, other.end, tar.subarray(one.start, one.end))],
    () => [`${one.name} taken out`, Buffer.concat([tar.subarray(0, one.start), tar.subarray(one.end)])],
    () => [`the mode of ${one.name}`, replaced(tar, one.start, resealed(header, 100, "0000777"))],
    () => [`the owner of ${one.name}`, replaced(tar, one.start, resealed(header, 265, "somebody"))],
    () => [`the time of ${one.name}`, replaced(tar, one.start, resealed(header, 136, "00000000001"))],
    () => [`the type of ${one.name}`, replaced(tar, one.start, resealed(header, 156, "127Lg"[random(5)] ?? "1"))],
    () => [`the unused end of the header of ${one.name}`, replaced(tar, one.start, resealed(header, 501, "hidden"))],
    () => [`the name of ${one.name}`, replaced(tar, one.start, resealed(header, 0, "A"))],
    () => [`the size of ${one.name}`, replaced(tar, one.start, resealed(header, 124, (one.size + 1).toString(8).padStart(11, "0")))],
    () => {
      const [first, second] = one.start < other.start ? [one, other] : [other, one];
      const parts = [tar.subarray(0, first.start), tar.subarray(second.start, second.end), tar.subarray(first.end, second.start)];
      const swapped = first === second ? tar : Buffer.concat([...parts, tar.subarray(first.start, first.end), tar.subarray(second.end)]);
      return [`${one.name} and ${other.name} changed places`, swapped];
    },
  ];
  const [done, changed] = (ways[random(ways.length)] ?? (() => ["nothing", tar] as const))();
  return { done, tar: changed };
}

/** The content of the manifest in a tar that starts with one. */
export function headOf(tar: Buffer): Buffer {
  const header = decodeHeader(tar.subarray(0, tarBlock));
  return header?.name === bundleManifestName ? tar.subarray(tarBlock, tarBlock + header.size) : Buffer.alloc(0);
}
