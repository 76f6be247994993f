import { z } from "zod";
import { type MakeBackupPorts, makeBackup } from "../backup/make-backup.ts";
import type { Step } from "../run/step.ts";
import type { RestoreStart } from "./restore-start.ts";
import type { StartDatabaseGive } from "./start-database.ts";

const givesSchema = z.object({ backup: z.string() });

/** Label of the full backup on the new timeline. */
export type BackupAfterGive = z.infer<typeof givesSchema>;

/** Makes a full backup on the new timeline, from which every later moment can be recovered without the history before. */
export function backupAfterStep(ports: MakeBackupPorts): Step<RestoreStart, RestoreStart & StartDatabaseGive, BackupAfterGive> {
  return {
    id: "backup",
    title: "Full backup on the new timeline",
    describe: () => ({ touches: ["the backup repository"], bytes: 0, seconds: 60, undo: "stays: it is one more backup" }),
    gives: givesSchema,
    run: async ({ id }, { advance, signal }) => ({
      backup: await makeBackup(ports, { type: "full", asker: `restore ${id}` }, advance, signal),
    }),
  };
}
