import type { RepositoryFile } from "../domain/recovery/backup-export.ts";

/**
 * The files of a repository as they lie on its volume or in its bucket, through a pod that reaches it. Every method may throw Problem EXEC_FAILED,
 * BACKUP_HOST_MISSING, BACKUP_HOST_STRANGE, DEADLINE, and the signal's reason.
 */
export interface RepositoryFiles {
  /** From here on until {@link release}, or for six hours, no backup takes an older one away. Doing it twice does no harm. */
  hold(signal: AbortSignal): Promise<void>;
  release(signal: AbortSignal): Promise<void>;
  list(signal: AbortSignal): Promise<readonly RepositoryFile[]>;
  /** Gives the bytes of the files, one file behind the other. @throws Problem EXPORT_CHANGED when one is gone, and what `take` threw */
  read(files: readonly RepositoryFile[], take: (bytes: Buffer) => Promise<void>, signal: AbortSignal): Promise<void>;
  /** sha256 of each file in hex, in the order asked; `staged` asks for those that were brought and are not in use yet. */
  sums(paths: readonly string[], signal: AbortSignal, where?: "staged"): Promise<readonly string[]>;
  /** Files that were brought and are not in use yet. */
  staged(signal: AbortSignal): Promise<readonly RepositoryFile[]>;
  /** Brings files, whose bytes come one file behind the other, to where they are not in use yet. */
  stage(files: readonly RepositoryFile[], bytes: AsyncIterable<Uint8Array>, signal: AbortSignal): Promise<void>;
  /** Makes what was brought the repository. Doing it twice does no harm. @throws Problem REPOSITORY_NOT_EMPTY */
  settle(signal: AbortSignal): Promise<void>;
}
