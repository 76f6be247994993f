import { z } from "zod";
import { type MakeBackupPorts, makeBackup } from "../backup/make-backup.ts";
import type { Step } from "../run/step.ts";
import type { SmokeGive } from "../steps/smoke.ts";
import type { RestoreStart } from "./restore-start.ts";
import type { StartDatabaseGive } from "./start-database.ts";

const givesSchema = z.object({ backup: z.string() });

/**
 * Makes a full backup on the new timeline, from which every later moment can be recovered without the history before. The platform serves
 * meanwhile: that the new timeline is archived was proved before the database did, so that the set that was restored leads to every later
 * moment until this one does.
 */
export function backupAfterStep(
  ports: MakeBackupPorts,
): Step<RestoreStart, RestoreStart & StartDatabaseGive & SmokeGive, z.infer<typeof givesSchema>> {
  return {
    id: "backup",
    title: "Full backup on the new timeline",
    describe: () => ({
      touches: ["the backup repository, while the platform serves"],
      bytes: 0,
      seconds: 60,
      undo: "stays: it is one more backup",
    }),
    gives: givesSchema,
    run: async ({ id }, { advance, signal }) => ({
      backup: await makeBackup(ports, { type: "full", asker: `restore ${id}` }, advance, signal),
    }),
  };
}
