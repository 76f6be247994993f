import type { BackupHost } from "../../ports/backup-host.ts";
import type { Clock } from "../../ports/clock.ts";
import { awaitSomething } from "../await-something.ts";

/** Milliseconds that the last segment gets to reach the archive. */
const archiveWithin = 300_000;

/** Begins a new segment of WAL and waits until everything before it is in the archive. @throws Problem DEADLINE, BACKUP_HOST_*, EXEC_FAILED */
export async function archiveUntilNow(
  { host, clock }: { readonly host: BackupHost; readonly clock: Clock },
  signal: AbortSignal,
): Promise<void> {
  const segment = await host.switchWal(signal);
  await awaitSomething(`WAL segment ${segment} has not reached the archive`, archiveWithin, { clock, signal }, async () => {
    const archived = (await host.primary(signal))?.archived.segment;
    return archived !== undefined && archived >= segment ? true : undefined;
  });
}
