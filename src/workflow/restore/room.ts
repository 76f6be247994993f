import { Problem } from "../../domain/errors/problem.ts";
import type { BackupSet } from "../../domain/recovery/repository.ts";
import { formatBytes } from "../../domain/units.ts";
import type { DataVolume } from "../../ports/backup-host.ts";

/** Bytes beside the files of a set that replaying and starting need: WAL, and what is written until the old data is pruned. */
const reserve = 256 * 1024 * 1024;

/** Makes sure that the volume holds the restored data beside the present one. @throws Problem RESTORE_NO_ROOM */
export function requireRoom({ bytes, label }: Pick<BackupSet, "bytes" | "label">, { free, directories }: DataVolume): void {
  const needed = bytes + reserve;
  if (free >= needed) return;
  const left = directories.filter(({ current }) => !current);
  const freed = left.reduce((sum, directory) => sum + directory.bytes, 0);
  throw new Problem("RESTORE_NO_ROOM", {
    what: `set ${label} needs ${formatBytes(needed)} on the data volume, which has ${formatBytes(free)} left; ${left.length === 0 ? "earlier restores have left nothing there" : `earlier restores have left ${formatBytes(freed)} there`}`,
    data: { needed, free, left: freed },
  });
}
