/** Where the answers and secrets lie with the backups. Every method may throw Problem EXEC_FAILED, BACKUP_HOST_*, DEADLINE. */
export interface KitStore {
  /** The kit's document; undefined when there is none. */
  read(signal: AbortSignal): Promise<string | undefined>;
  /** Puts a kit in the place of the one that is there. */
  write(document: string, signal: AbortSignal): Promise<void>;
}
