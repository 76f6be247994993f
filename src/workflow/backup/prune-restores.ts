import type { BackupHost, DataDirectory } from "../../ports/backup-host.ts";

/** What pruning removed, or would remove. */
export interface PruneResult {
  readonly kind: "planned" | "nothing" | "pruned";
  readonly directories: readonly DataDirectory[];
  /** Bytes that the data volume has left now. */
  readonly free: number;
}

/** What pruning works through. */
export interface PrunePorts {
  readonly host: BackupHost;
  /** Shows what goes and has the release's name typed. @throws Problem RESTORE_NOT_CONFIRMED */
  readonly confirm: (directories: readonly DataDirectory[]) => Promise<void>;
}

/**
 * Removes the data that restores have replaced, and what restores that were given up have left: `backup undo` is impossible afterwards.
 * What is current is never touched.
 * @throws Problem BACKUP_HOST_*, EXEC_FAILED, RESTORE_NOT_CONFIRMED
 */
export async function pruneRestores({ host, confirm }: PrunePorts, dryRun: boolean, signal: AbortSignal): Promise<PruneResult> {
  const before = await host.volume(signal);
  const directories = before.directories.filter(
    ({ current, replacedBy, unfinished }) => !current && (replacedBy !== undefined || unfinished),
  );
  if (directories.length === 0) return { kind: "nothing", directories, free: before.free };
  if (dryRun) return { kind: "planned", directories, free: before.free };
  await confirm(directories);
  await host.prune(signal);
  return { kind: "pruned", directories, free: (await host.volume(signal)).free };
}
