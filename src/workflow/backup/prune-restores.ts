import type { BackupHost, DataDirectory } from "../../ports/backup-host.ts";
import { nothingUnfinished, readJournal } from "../run/journal-keeper.ts";
import { holdLease, type LeasePorts } from "../run/lease.ts";

/** What pruning removed, or would remove. */
export interface PruneResult {
  readonly kind: "planned" | "nothing" | "pruned";
  readonly directories: readonly DataDirectory[];
  /** Bytes that the data volume has left now. */
  readonly free: number;
}

/** What pruning works through. */
export interface PrunePorts extends LeasePorts {
  readonly host: BackupHost;
  /** Id of this run, for the Lease. */
  readonly run: string;
  /** Shows what goes and has the release's name typed. @throws Problem RESTORE_NOT_CONFIRMED */
  readonly confirm: (directories: readonly DataDirectory[]) => Promise<void>;
  /** Told why the Lease of a run that may have died is waited for. */
  readonly note: (text: string) => void;
}

/**
 * Removes the data that restores have replaced, and what restores that were given up have left: `backup undo` is impossible afterwards.
 * What is current is never touched, nor anything while a restore is on its way: it may need the old data to go back to.
 * @throws Problem BACKUP_HOST_*, EXEC_FAILED, RESTORE_NOT_CONFIRMED, INSTALL_LOCKED, RUN_UNFINISHED, JOURNAL_STRANGE
 */
export async function pruneRestores(
  ports: PrunePorts,
  { namespace, dryRun }: { readonly namespace: string; readonly dryRun: boolean },
  signal: AbortSignal,
): Promise<PruneResult> {
  const { host, objects, run, confirm, note } = ports;
  const before = await host.volume(signal);
  const directories = before.directories.filter(
    ({ current, replacedBy, unfinished }) => !current && (replacedBy !== undefined || unfinished),
  );
  if (directories.length === 0) return { kind: "nothing", directories, free: before.free };
  if (dryRun) return { kind: "planned", directories, free: before.free };
  await confirm(directories);
  const ousted = new AbortController();
  const lease = await holdLease(ports, namespace, run, { lost: (reason) => ousted.abort(reason), waiting: note }, signal);
  try {
    const holding = AbortSignal.any([signal, ousted.signal]);
    nothingUnfinished((await readJournal(objects, namespace, holding))?.reading, namespace);
    await host.prune(holding);
    return { kind: "pruned", directories, free: (await host.volume(holding)).free };
  } finally {
    await lease.release();
  }
}
