import { createHash } from "node:crypto";
import { type FileHandle, open, readFile, rename, rm } from "node:fs/promises";
import { z } from "zod";
import { Problem } from "../../../domain/errors/problem.ts";
import type { BackupExport } from "../../../domain/recovery/backup-export.ts";
import type { LeaseHolder } from "../../../ports/cluster-objects.ts";
import type { ExportFiles } from "../../../ports/export-file.ts";
import { parseJson } from "../../parse-json.ts";
import { padded } from "../../tar/tar-header.ts";
import { createOperator } from "../operator.ts";
import { type ExportLayout, exportTail, layOutExport, type PlacedFile } from "./layout.ts";
import { openExport, readHead, sumAt } from "./read-export.ts";

/** Files whose checksums are asked of the source at once. */
const comparedAtOnce = 40;

/** Exports of repositories on this host's disk: `FILE.partial` until they are complete, so that an interrupted one can be gone on with. */
export const exportFiles: ExportFiles = {
  begun,
  open: openExport,
  async write(path, manifest, source, advance, signal) {
    const release = await claim(path);
    try {
      const file = await open(partialOf(path), (await begun(path)) === undefined ? "w+" : "r+");
      try {
        const layout = layOutExport(manifest, Buffer.from(`${JSON.stringify(manifest)}\n`));
        const sums = await sumsOfBegun(file, layout, source, signal);
        if (sums.length === 0) await file.write(layout.head, 0, layout.head.length, 0);
        const resumed = sums.length;
        await append(file, layout.files.slice(resumed), { source, sums, advance, signal });
        const tail = exportTail(sums, layout.files);
        await file.write(tail, 0, tail.length, layout.sums.begin);
        await file.truncate(layout.size);
        await file.datasync();
        await rename(partialOf(path), path);
        return { bytes: layout.size, resumed };
      } finally {
        await file.close();
      }
    } catch (error) {
      throw error instanceof Error && "syscall" in error ? unwritable(path, error) : error;
    } finally {
      await release();
    }
  },
};

async function begun(path: string): Promise<BackupExport | undefined> {
  const file = await open(partialOf(path), "r").catch(() => undefined);
  try {
    return file === undefined ? undefined : (await readHead(file)).manifest;
  } catch {
    return undefined;
  } finally {
    await file?.close();
  }
}

/** Checksums of the files that are whole in what an interrupted run left, and equal those of the source: a power cut may have torn them. */
async function sumsOfBegun(
  file: FileHandle,
  layout: ExportLayout,
  source: Parameters<ExportFiles["write"]>[2],
  signal: AbortSignal,
): Promise<string[]> {
  const head = await readHead(file).catch(() => undefined);
  if (head === undefined || !head.layout.head.equals(layout.head)) return [];
  const whole = layout.files.filter(({ end }) => end <= head.size);
  const sums: string[] = [];
  for (let first = 0; first < whole.length; first += comparedAtOnce) {
    const some = whole.slice(first, first + comparedAtOnce);
    const there = await source.sums(
      some.map(({ path }) => path),
      signal,
    );
    for (const [index, placed] of some.entries()) {
      const sum = await sumAt(file, placed);
      if (sum !== there[index]) return sums;
      sums.push(sum);
    }
  }
  return sums;
}

/** Writes files one behind the other as their bytes come; adds the checksum of each. */
async function append(file: FileHandle, files: readonly PlacedFile[], { source, sums, advance, signal }: Appending): Promise<void> {
  const writing = new FileWriting(file, files, sums, advance);
  await source.read(files, (bytes) => writing.take(bytes), signal);
  await writing.end();
}

interface Appending {
  readonly source: Parameters<ExportFiles["write"]>[2];
  readonly sums: string[];
  readonly advance: (bytes: number) => void;
  readonly signal: AbortSignal;
}

/** Cuts a stream of bytes into the files that it is made of. */
class FileWriting {
  private readonly file: FileHandle;
  private readonly files: readonly PlacedFile[];
  private readonly sums: string[];
  private readonly advance: (bytes: number) => void;
  private next = 0;
  private written = 0;
  private hash = createHash("sha256");

  constructor(file: FileHandle, files: readonly PlacedFile[], sums: string[], advance: (bytes: number) => void) {
    this.file = file;
    this.files = files;
    this.sums = sums;
    this.advance = advance;
  }

  async take(bytes: Buffer): Promise<void> {
    let rest = bytes;
    while (rest.length > 0) {
      await this.closeFull();
      const placed = this.files[this.next];
      if (placed === undefined) throw new Problem("EXPORT_CHANGED", { what: "more bytes came than the files have" });
      const some = rest.subarray(0, placed.bytes - this.written);
      await this.file.write(some, 0, some.length, placed.offset + this.written);
      this.hash.update(some);
      this.written += some.length;
      rest = rest.subarray(some.length);
      this.advance(placed.offset + this.written);
    }
    await this.closeFull();
  }

  /** Ends the files that are complete, among them empty ones, for which no byte comes. @throws Problem EXPORT_CHANGED when bytes are missing */
  async end(): Promise<void> {
    await this.closeFull();
    if (this.next < this.files.length) throw new Problem("EXPORT_CHANGED", { what: `${this.files[this.next]?.path} did not come whole` });
  }

  private async closeFull(): Promise<void> {
    for (let placed = this.files[this.next]; placed !== undefined && this.written === placed.bytes; placed = this.files[this.next]) {
      await this.file.write(placed.header, 0, placed.header.length, placed.begin);
      const padding = Buffer.alloc(padded(placed.bytes) - placed.bytes);
      await this.file.write(padding, 0, padding.length, placed.offset + placed.bytes);
      this.sums.push(this.hash.digest("hex"));
      this.hash = createHash("sha256");
      this.written = 0;
      this.next += 1;
    }
  }
}

const ownerSchema: z.ZodType<LeaseHolder> = z.object({
  user: z.string(),
  host: z.string(),
  pid: z.int(),
  run: z.string(),
  machine: z.string(),
  processStart: z.string(),
});

/** Keeps other processes from writing the same export; gives what ends that. @throws Problem EXPORT_BUSY */
async function claim(path: string): Promise<() => Promise<void>> {
  const operator = createOperator();
  const owner = `${partialOf(path)}.owner`;
  const other = ownerSchema.safeParse(parseJson(await readFile(owner, "utf8").catch(() => "")));
  if (other.success && operator.isGone(other.data)) await rm(owner, { force: true });
  const file = await open(owner, "wx").catch((cause: unknown) => {
    if (cause instanceof Error && "code" in cause && cause.code === "EEXIST")
      throw new Problem("EXPORT_BUSY", { what: `${path} is being written by another process: ${owner}` });
    throw unwritable(path, cause);
  });
  await file.writeFile(JSON.stringify(operator.holder("export")));
  await file.close();
  return () => rm(owner, { force: true });
}

function partialOf(path: string): string {
  return `${path}.partial`;
}

function unwritable(path: string, cause: unknown): Problem {
  const full = cause instanceof Error && "code" in cause && cause.code === "ENOSPC";
  return new Problem(full ? "DISK_FULL" : "FILE_UNWRITABLE", {
    what: `${path} cannot be written: ${cause instanceof Error ? cause.message : String(cause)}`,
    cause,
  });
}
