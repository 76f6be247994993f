import type { BackupType } from "../../domain/recovery/repository.ts";
import type { Progress } from "../../ports/progress.ts";
import { type MakeBackupPorts, makeBackup } from "./make-backup.ts";
import { type SetStanding, standingOf } from "./standing.ts";
import { readArchived, readOwnRepository } from "./survey.ts";

/** What a person asked for. */
export interface CreateBackupRequest {
  readonly type: BackupType;
  /** Who asks; an open request of the same asker is taken up. */
  readonly asker: string;
  readonly dryRun: boolean;
}

/** How making a backup ended well. */
export interface CreateBackupResult {
  readonly kind: "planned" | "made";
  readonly asked: BackupType;
  /** The set that was made, with its WAL looked up; absent in a dry run. */
  readonly standing: SetStanding | undefined;
  readonly seconds: number;
}

/** What making a backup works through. */
export interface CreateBackupPorts extends MakeBackupPorts {
  readonly progress: Progress;
}

/**
 * Makes a backup and proves it: the repository lists the set without an error, and all WAL that it needs is in the archive.
 * @throws Problem BACKUP_FAILED, BACKUP_UNUSABLE, BACKUP_HOST_*, EXEC_FAILED, REPOSITORY_*
 */
export async function createBackup(
  ports: CreateBackupPorts,
  request: CreateBackupRequest,
  signal: AbortSignal,
): Promise<CreateBackupResult> {
  const { host, clock, progress } = ports;
  const began = clock.now().getTime();
  if (request.dryRun) {
    await host.inspect(signal);
    return { kind: "planned", asked: request.type, standing: undefined, seconds: 0 };
  }
  const id = "backup";
  progress.tell({ kind: "planned", actions: [{ id, title: `Make a ${request.type} backup` }] });
  progress.tell({ kind: "started", id, title: `Make a ${request.type} backup` });
  const label = await makeBackup(ports, request, (advance) => progress.tell({ kind: "advanced", id, advance }), signal);
  const inspection = await host.inspect(signal);
  const own = readOwnRepository(inspection);
  const standing = standingOf(label, own, readArchived(inspection, own));
  progress.tell({ kind: "done", id });
  return { kind: "made", asked: request.type, standing, seconds: (clock.now().getTime() - began) / 1000 };
}
