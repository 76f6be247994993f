import type { BackupExport, RepositoryFile } from "../domain/recovery/backup-export.ts";
import type { RepositoryFiles } from "./repository-files.ts";

/** Gets told how many bytes are done. */
type ExportAdvance = (done: number) => void;

/** Exports of repositories as files on this host. */
export interface ExportFiles {
  /** What an interrupted writing of `path` says about itself; undefined when there is nothing to go on with. */
  begun(path: string): Promise<BackupExport | undefined>;
  /**
   * Writes an export, or goes on with the one that {@link begun} tells: what is there already is compared with the source first.
   * `path` appears when it is complete. Gives its bytes, and how many files an interrupted run had written.
   * @throws Problem EXPORT_CHANGED, EXPORT_BUSY, DISK_FULL, FILE_UNWRITABLE, and what the source threw
   */
  write(
    path: string,
    manifest: BackupExport,
    source: Pick<RepositoryFiles, "read" | "sums">,
    advance: ExportAdvance,
    signal: AbortSignal,
  ): Promise<{ readonly bytes: number; readonly resumed: number }>;
  /** Opens an export and reads what it says about itself. @throws Problem FILE_UNREADABLE, EXPORT_DAMAGED */
  open(path: string): Promise<OpenExport>;
}

/** An export that is open for reading. */
export interface OpenExport {
  readonly path: string;
  readonly manifest: BackupExport;
  /** sha256 in hex that each file was written with, by its path. */
  readonly sums: ReadonlyMap<string, string>;
  /** Bytes of one file. @throws Problem EXPORT_DAMAGED when they are not those that were written, before the last ones are given */
  content(file: RepositoryFile): AsyncIterable<Uint8Array>;
  close(): Promise<void>;
}
