import { createHash } from "node:crypto";
import { type FileHandle, open } from "node:fs/promises";
import { z } from "zod";
import { Problem } from "../../../domain/errors/problem.ts";
import { type BackupExport, backupExportSchema } from "../../../domain/recovery/backup-export.ts";
import type { OpenExport } from "../../../ports/export-file.ts";
import { parseJson } from "../../parse-json.ts";
import { readEntry } from "../../tar/tar-index.ts";
import { type ExportLayout, layOutExport, manifestName, type PlacedFile, readSums } from "./layout.ts";

/** Longest text in which an export may describe itself: a million files. */
const longestManifest = 256 * 1024 * 1024;

/** Bytes that are read at once. */
const pieceBytes = 1024 * 1024;

/** What an export says about itself, and where everything lies in it. @throws RangeError, TarTruncated when it does not begin as one */
export async function readHead(
  file: FileHandle,
): Promise<{ readonly manifest: BackupExport; readonly layout: ExportLayout; readonly size: number }> {
  const { size } = await file.stat();
  const first = await readEntry(file, 0, size);
  if (first?.name !== manifestName || first.size > longestManifest) throw new RangeError(`it does not begin with ${manifestName}`);
  if (first.offset + first.size > size) throw new RangeError("it ends within its first entry");
  const content = await bytesAt(file, first.offset, first.size);
  const parsed = backupExportSchema.safeParse(parseJson(content.toString("utf8")));
  if (!parsed.success) throw new RangeError(`${manifestName} is not what this version understands: ${z.prettifyError(parsed.error)}`);
  return { manifest: parsed.data, layout: layOutExport(parsed.data, content), size };
}

/** Opens an export. @throws Problem FILE_UNREADABLE, EXPORT_DAMAGED */
export async function openExport(path: string): Promise<OpenExport> {
  const file = await open(path, "r").catch((cause: unknown) => {
    throw new Problem("FILE_UNREADABLE", {
      what: `${path} cannot be read: ${cause instanceof Error ? cause.message : String(cause)}`,
      cause,
    });
  });
  try {
    const { manifest, layout, size } = await readHead(file);
    if (size !== layout.size) throw new RangeError(`it has ${size} bytes and should have ${layout.size}`);
    const sums = readSums((await bytesAt(file, layout.sums.offset, layout.sums.bytes)).toString("utf8"), manifest.files);
    const placed = new Map(layout.files.map((one) => [one.path, one]));
    return {
      path,
      manifest,
      sums,
      content: (wanted) => content(file, path, placed.get(wanted.path), sums.get(wanted.path)),
      close: () => file.close(),
    };
  } catch (error) {
    await file.close();
    throw error instanceof Problem ? error : damaged(path, error instanceof Error ? error.message : String(error));
  }
}

/** sha256 of what lies there, in hex. */
export async function sumAt(file: FileHandle, { offset, bytes }: Pick<PlacedFile, "offset" | "bytes">): Promise<string> {
  const hash = createHash("sha256");
  for await (const piece of pieces(file, offset, bytes)) hash.update(piece);
  return hash.digest("hex");
}

/** The header's bytes and the sum are compared before the last piece is given, so that nobody takes a damaged file for whole. */
async function* content(
  file: FileHandle,
  path: string,
  placed: PlacedFile | undefined,
  sum: string | undefined,
): AsyncGenerator<Uint8Array> {
  if (placed === undefined) throw damaged(path, "a file is asked for that it does not hold");
  const header = await bytesAt(file, placed.begin, placed.header.length);
  if (!header.equals(placed.header)) throw damaged(path, `the header of ${placed.path} was altered`);
  const hash = createHash("sha256");
  let held: Buffer | undefined;
  for await (const piece of pieces(file, placed.offset, placed.bytes)) {
    if (held !== undefined) yield held;
    hash.update(piece);
    held = piece;
  }
  if (hash.digest("hex") !== sum) throw damaged(path, `${placed.path} was altered`);
  if (held !== undefined) yield held;
}

async function* pieces(file: FileHandle, offset: number, bytes: number): AsyncGenerator<Buffer> {
  for (let at = 0; at < bytes; at += pieceBytes) yield await bytesAt(file, offset + at, Math.min(pieceBytes, bytes - at));
}

async function bytesAt(file: FileHandle, offset: number, bytes: number): Promise<Buffer> {
  const { buffer, bytesRead } = await file.read(Buffer.alloc(bytes), 0, bytes, offset);
  if (bytesRead < bytes) throw new RangeError("it ends too early");
  return buffer;
}

function damaged(path: string, why: string): Problem {
  return new Problem("EXPORT_DAMAGED", { what: `${path} is no whole export: ${why}` });
}
