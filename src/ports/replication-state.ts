import type { Replication } from "../domain/doctor/replication-facts.ts";

/** What follows the primary of a release. Reads only. */
export interface ReplicationState {
  /** @throws Problem BACKUP_HOST_MISSING, BACKUP_HOST_STRANGE, EXEC_FAILED, DEADLINE, and the signal's reason */
  replication(signal: AbortSignal): Promise<Replication>;
}
