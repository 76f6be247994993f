import type { BackupExport, RepositoryFile } from "../../../domain/recovery/backup-export.ts";
import { encodeHeader, endMark, padded } from "../../tar/tar-header.ts";

/** First entry of an export: what it says about itself. */
export const manifestName = "migratectl-export.json";

/** Last entry of an export: the checksums of the files, as `sha256sum --check` takes them. */
const sumsName = "sha256sums.txt";

/** Folder of the files in an export. */
const folder = "repository";

/** A file of the repository and where it lies in the export. */
export interface PlacedFile extends RepositoryFile {
  readonly header: Buffer;
  /** Offset of its header, of its first byte, and of what comes after it. */
  readonly begin: number;
  readonly offset: number;
  readonly end: number;
}

/** Where everything lies in an export: it follows from what the export says about itself. */
export interface ExportLayout {
  /** The first entry: header, content, padding. */
  readonly head: Buffer;
  readonly files: readonly PlacedFile[];
  /** The checksums' content. */
  readonly sums: { readonly begin: number; readonly offset: number; readonly bytes: number };
  readonly size: number;
}

/** Lays out an export whose first entry has this content. */
export function layOutExport({ files }: Pick<BackupExport, "files">, content: Buffer): ExportLayout {
  const head = entry(manifestName, content);
  let at = head.length;
  const placed = files.map(({ path, bytes }) => {
    const header = encodeHeader(`${folder}/${path}`, bytes);
    const offset = at + header.length;
    const one = { path, bytes, header, begin: at, offset, end: offset + padded(bytes) };
    at = one.end;
    return one;
  });
  const bytes = files.reduce((sum, { path }) => sum + sumLine("0".repeat(64), path).length, 0);
  const offset = at + encodeHeader(sumsName, bytes).length;
  return { head, files: placed, sums: { begin: at, offset, bytes }, size: offset + padded(bytes) + endMark };
}

/** The entry of the checksums, and the mark that ends the export. */
export function exportTail(sums: readonly string[], files: readonly RepositoryFile[]): Buffer {
  const text = files.map(({ path }, index) => sumLine(sums[index] ?? "", path)).join("");
  return Buffer.concat([entry(sumsName, Buffer.from(text)), Buffer.alloc(endMark)]);
}

/** The checksums by path. @throws RangeError when the text is none of those that {@link exportTail} writes for the files */
export function readSums(text: string, files: readonly RepositoryFile[]): ReadonlyMap<string, string> {
  const lines = text.split("\n");
  return new Map(
    files.map(({ path }, index) => {
      const line = lines[index] ?? "";
      const sum = line.slice(0, 64);
      if (!/^[0-9a-f]{64}$/.test(sum) || `${line}\n` !== sumLine(sum, path)) throw new RangeError(`no checksum of ${path}`);
      return [path, sum] as const;
    }),
  );
}

function sumLine(sum: string, path: string): string {
  return `${sum}  ${folder}/${path}\n`;
}

function entry(name: string, content: Buffer): Buffer {
  return Buffer.concat([encodeHeader(name, content.length), content, Buffer.alloc(padded(content.length) - content.length)]);
}
