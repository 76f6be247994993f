/** What the header and the dynamic section of a 64-bit little-endian ELF file say. */
export interface Elf {
  readonly machine: "x86_64" | "AArch64" | "another";
  /** The loader that a program names. */
  readonly loader: string | undefined;
  /** The libraries that it is linked with. */
  readonly needed: readonly string[];
  /** Where those are looked for first; `$ORIGIN` is its own folder. */
  readonly runPath: readonly string[];
}

const machines: Readonly<Record<number, Elf["machine"]>> = { 62: "x86_64", 183: "AArch64" };
const segment = { load: 1, dynamic: 2, loader: 3 } as const;
const tag = { needed: 1n, strings: 5n, rpath: 15n, runPath: 29n } as const;

interface Segment {
  readonly type: number;
  readonly offset: number;
  readonly address: bigint;
  readonly size: number;
}

/** Reads an ELF file; undefined for any other file. Throws RangeError when one ends too early. */
export function readElf(file: Buffer): Elf | undefined {
  if (file.length < 64 || file.readUInt32BE(0) !== 0x7f454c46) return undefined;
  const segments = segmentsOf(file);
  const loader = segments.find(({ type }) => type === segment.loader);
  const { needed, runPath } = dynamicOf(file, segments);
  return { machine: machines[file.readUInt16LE(18)] ?? "another", loader: loader && textAt(file, loader.offset), needed, runPath };
}

function segmentsOf(file: Buffer): readonly Segment[] {
  const [start, size, count] = [Number(file.readBigUInt64LE(32)), file.readUInt16LE(54), file.readUInt16LE(56)];
  return Array.from({ length: count }, (_, index) => {
    const at = start + index * size;
    return {
      type: file.readUInt32LE(at),
      offset: Number(file.readBigUInt64LE(at + 8)),
      address: file.readBigUInt64LE(at + 16),
      size: Number(file.readBigUInt64LE(at + 32)),
    };
  });
}

function dynamicOf(file: Buffer, segments: readonly Segment[]): Pick<Elf, "needed" | "runPath"> {
  const dynamic = segments.find(({ type }) => type === segment.dynamic);
  const entries: (readonly [bigint, bigint])[] = [];
  for (let at = dynamic?.offset ?? 0; dynamic !== undefined && at < dynamic.offset + dynamic.size; at += 16)
    entries.push([file.readBigUInt64LE(at), file.readBigUInt64LE(at + 8)]);
  const strings = entries.find(([name]) => name === tag.strings)?.[1];
  const holder = segments.find(
    ({ type, address, size }) => type === segment.load && strings !== undefined && strings >= address && strings < address + BigInt(size),
  );
  if (strings === undefined || holder === undefined) return { needed: [], runPath: [] };
  const table = holder.offset + Number(strings - holder.address);
  const texts = (...tags: readonly bigint[]) =>
    entries.filter(([name]) => tags.includes(name)).map(([, at]) => textAt(file, table + Number(at)));
  return { needed: texts(tag.needed), runPath: texts(tag.rpath, tag.runPath).flatMap((path) => path.split(":")) };
}

function textAt(file: Buffer, offset: number): string {
  return file.toString("latin1", offset, file.indexOf(0, offset));
}
