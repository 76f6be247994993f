import { Problem } from "../../domain/errors/problem.ts";
import type { BackupType } from "../../domain/recovery/repository.ts";
import type { BackupHost, BackupState } from "../../ports/backup-host.ts";
import type { Clock } from "../../ports/clock.ts";
import type { Advance } from "../../ports/progress.ts";

/** What making a backup works through. */
export interface MakeBackupPorts {
  readonly host: BackupHost;
  readonly clock: Clock;
}

/** Milliseconds between two looks at a backup that is being made. */
const lookEvery = 2_000;

/**
 * Asks for a backup and waits for its end; an open request of the same asker and type is taken up, so that doing it again after an
 * interruption makes no second one. Gives the label of the set.
 * @throws Problem BACKUP_FAILED, BACKUP_HOST_*, EXEC_FAILED, and the signal's reason: the backup then goes on in the cluster
 */
export async function makeBackup(
  { host, clock }: MakeBackupPorts,
  wanted: { readonly type: BackupType; readonly asker: string },
  advance: (advance: Advance) => void,
  signal: AbortSignal,
): Promise<string> {
  const id = await host.ask(wanted.type, wanted.asker, signal);
  for (;;) {
    const state = await host.state(id, signal);
    if (state === undefined) throw new Problem("BACKUP_FAILED", { what: `the database knows nothing of backup request ${id} any more` });
    const label = labelOf(state);
    if (label !== undefined) return label;
    if (state.bytes !== undefined) advance({ ...state.bytes, unit: "bytes", note: `request ${id}` });
    await clock.pause(lookEvery, signal);
  }
}

/** Label of the set once it is made; undefined while it is being made. @throws Problem BACKUP_FAILED */
function labelOf({ request }: BackupState): string | undefined {
  switch (request.status) {
    case "pending":
    case "running":
      return undefined;
    case "failed":
      throw new Problem("BACKUP_FAILED", {
        what: `${request.type} backup, request ${request.id}, ended with ${request.exitCode ?? "no status"}: ${request.message ?? "no reason given"}`,
      });
    case "succeeded":
      if (request.label === undefined) throw new Problem("BACKUP_FAILED", { what: `request ${request.id} succeeded, but names no set` });
      return request.label;
  }
}
