import type { ByteSource } from "./bundle-file.ts";

/** A folder on this host that files are written to. */
export interface WorkFolder {
  /** Absolute path. */
  readonly path: string;
  /**
   * Writes a file whole (a temporary one, then rename) and gives its path. One that is `secret` is readable by its owner only, and replaces
   * no file. @throws Problem DISK_FULL, FILE_UNWRITABLE
   */
  write(
    name: string,
    content: string | ByteSource,
    options?: { readonly executable?: boolean; readonly secret?: boolean },
  ): Promise<string>;
}

/** A folder that goes away with its owner. */
export interface TemporaryFolder extends WorkFolder {
  remove(): Promise<void>;
}
