/** Tar is made of blocks of this many bytes; every header and every content starts at one. */
export const tarBlock = 512;

/** Bytes of the mark that ends an archive: two blocks of zeros. */
export const endMark = 2 * tarBlock;

/** Largest size that the octal field of a ustar header holds; bigger entries carry a pax record. */
const largestOctal = 0o77777777777;

/** Longest path that a ustar header holds without its prefix field. */
const longestName = 100;

/** Bytes that content of this size takes in a tar, with the padding to whole blocks. */
export function padded(size: number): number {
  return Math.ceil(size / tarBlock) * tarBlock;
}

/**
 * Header of a regular file: mode 0644, owner 0, time 0, so that equal entries give equal bytes.
 * Sizes of 8 GiB and more, and paths over 100 bytes, get a pax extended header before it.
 */
export function encodeHeader(path: string, size: number): Buffer {
  const records: string[] = [];
  if (size > largestOctal) records.push(paxRecord("size", String(size)));
  if (Buffer.byteLength(path) > longestName) records.push(paxRecord("path", path));
  const plain = ustar({ name: path, size: size > largestOctal ? 0 : size, type: "0" });
  if (records.length === 0) return plain;
  const content = Buffer.from(records.join(""));
  const block = Buffer.alloc(padded(content.length));
  content.copy(block);
  return Buffer.concat([ustar({ name: "PaxHeader", size: content.length, type: "x" }), block, plain]);
}

/** What one 512-byte header block says; undefined for a block of zeros (the end of the archive). */
export interface TarHeader {
  readonly name: string;
  readonly size: number;
  /** `0` regular file, `x` pax records of the next entry, `5` directory … */
  readonly type: string;
}

/** Reads one header block. @throws RangeError when the block is no tar header (wrong checksum or magic) */
export function decodeHeader(block: Buffer): TarHeader | undefined {
  if (block.every((byte) => byte === 0)) return undefined;
  if (block.toString("latin1", 257, 262) !== "ustar" || octal(block, 148, 8) !== checksum(block)) throw new RangeError("not a tar header");
  const prefix = text(block, 345, 155);
  const name = text(block, 0, longestName);
  const type = String.fromCharCode(block[156] || 0x30);
  return { name: prefix === "" ? name : `${prefix}/${name}`, size: sizeField(block), type };
}

/** The records of a pax extended header, by key. @throws RangeError when a record is malformed */
export function decodePax(content: Buffer): ReadonlyMap<string, string> {
  const records = new Map<string, string>();
  for (let at = 0; at < content.length; ) {
    const space = content.indexOf(0x20, at);
    const length = space === -1 ? Number.NaN : Number(content.toString("latin1", at, space));
    const end = at + length;
    const equals = content.indexOf(0x3d, space);
    if (!Number.isInteger(length) || length <= 0 || end > content.length || equals === -1 || equals >= end)
      throw new RangeError("a malformed pax record");
    records.set(content.toString("utf8", space + 1, equals), content.toString("utf8", equals + 1, end - 1));
    at = end;
  }
  return records;
}

function ustar({ name, size, type }: TarHeader): Buffer {
  const block = Buffer.alloc(tarBlock);
  block.write(Buffer.from(name).subarray(0, longestName).toString("latin1"), 0, longestName, "latin1");
  block.write("0000644\0" + "0000000\0" + "0000000\0", 100, "latin1");
  block.write(`${size.toString(8).padStart(11, "0")}\0${"0".repeat(11)}\0`, 124, "latin1");
  block.write(" ".repeat(8), 148, "latin1");
  block.write(`${type}`, 156, "latin1");
  block.write("ustar\0" + "00", 257, "latin1");
  block.write(`${checksum(block).toString(8).padStart(6, "0")}\0 `, 148, "latin1");
  return block;
}

/** Sum of all bytes, the checksum field itself counted as spaces. */
function checksum(block: Buffer): number {
  let sum = 8 * 0x20;
  for (let at = 0; at < tarBlock; at += 1) if (at < 148 || at >= 156) sum += block[at] ?? 0;
  return sum;
}

/** `length key=value\n`, where length counts itself. */
function paxRecord(key: string, value: string): string {
  const rest = Buffer.byteLength(` ${key}=${value}\n`);
  let length = rest + String(rest).length;
  if (String(length).length > String(rest).length) length = rest + String(length).length;
  return `${length} ${key}=${value}\n`;
}

/** Octal, or GNU's base-256 when the first bit is set. */
function sizeField(block: Buffer): number {
  if (((block[124] ?? 0) & 0x80) === 0) return octal(block, 124, 12);
  return Number(BigInt(`0x${block.toString("hex", 125, 136)}`));
}

function octal(block: Buffer, at: number, length: number): number {
  return Number.parseInt(text(block, at, length).trim() || "0", 8);
}

function text(block: Buffer, at: number, length: number): string {
  const end = block.subarray(at, at + length).indexOf(0);
  return block.toString("utf8", at, end === -1 ? at + length : at + end);
}
