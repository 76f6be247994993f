/**
 * The folder of one run under the XDG state folder: plan, journal, logs, output of external commands. Never a secret.
 * Writes are atomic (a temporary file, then rename), so that a kill leaves the old or the new content.
 */
export interface RunStore {
  /** Id of the run: sortable, unique on this host. */
  readonly id: string;
  /** Absolute path of the folder. */
  readonly path: string;
  /** Writes a file, replacing it whole. @throws Problem DISK_FULL, FILE_UNWRITABLE */
  write(name: string, content: string): Promise<void>;
  /** Content of a file, or undefined when there is none. */
  read(name: string): Promise<string | undefined>;
  /** Adds lines to a log file. */
  append(name: string, text: string): Promise<void>;
}
