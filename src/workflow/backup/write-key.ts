import { Problem } from "../../domain/errors/problem.ts";
import type { ClusterObjects } from "../../ports/cluster-objects.ts";
import type { WorkFolder } from "../../ports/work-folder.ts";
import { backupSecret } from "../secrets/platform-secrets.ts";

/** Where the key goes. */
export interface WriteKeyRequest {
  readonly namespace: string;
  /** File on this host; undefined for the caller's own output. */
  readonly file: string | undefined;
  readonly dryRun: boolean;
}

/** What became of the key. */
export type WriteKeyResult =
  | { readonly kind: "planned" | "written"; readonly file: string }
  /** For the caller to put out, and nothing else. */
  | { readonly kind: "shown"; readonly key: string };

/**
 * Writes the key of the backups to a file that only its owner can read, and over no other file; nothing in the cluster changes.
 * @throws Problem BACKUP_KEY_MISSING, FILE_UNWRITABLE, DISK_FULL, CLUSTER_*
 */
export async function writeKey(
  { objects, folder }: { readonly objects: ClusterObjects; readonly folder: WorkFolder },
  { namespace, file, dryRun }: WriteKeyRequest,
  signal: AbortSignal,
): Promise<WriteKeyResult> {
  const key = (await objects.readSecret(namespace, backupSecret.name, signal))?.[backupSecret.key];
  if (key === undefined)
    throw new Problem("BACKUP_KEY_MISSING", {
      what: `There is no Secret ${backupSecret.name} with a key ${backupSecret.key} in namespace ${namespace}: either its backups are not encrypted, or it is lost.`,
    });
  if (file === undefined) return { kind: "shown", key };
  if (dryRun) return { kind: "planned", file };
  return { kind: "written", file: await folder.write(file, `${key}\n`, { secret: true }) };
}
