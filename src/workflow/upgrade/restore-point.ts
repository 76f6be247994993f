import { z } from "zod";
import { Problem } from "../../domain/errors/problem.ts";
import type { Advance } from "../../ports/progress.ts";
import { makeBackup } from "../backup/make-backup.ts";
import { type MakePointPorts, makeRestorePoint } from "../backup/make-restore-point.ts";
import type { Step } from "../run/step.ts";
import type { UpgradeStart } from "./upgrade-start.ts";

const pointSchema = z.object({ name: z.string(), timeline: z.int(), lsn: z.string() });

/** A moment by its name in the WAL. */
type NamedMoment = z.infer<typeof pointSchema>;

/** What the step gives. */
export const restorePointGives = z.object({ restorePoint: pointSchema.exactOptional() });

/** The moment before the migrations; nothing where every migration has a way back of its own. */
export type RestorePointGive = z.infer<typeof restorePointGives>;

/** Makes a backup, and gives the moment after it a name; called again with the same name it gives what was made. @throws Problem BACKUP_*, REPOSITORY_* */
export type BackUpAndName = (name: string, advance: (advance: Advance) => void, signal: AbortSignal) => Promise<NamedMoment>;

/** Makes a backup and gives the moment before the migrations a name, where a migration cannot be taken back. */
export function restorePointStep(backUpAndName: BackUpAndName): Step<UpgradeStart, UpgradeStart, RestorePointGive> {
  return {
    id: "restore-point",
    title: "Make a restore point: a migration has no way back",
    describe: ({ schema }) => ({
      touches: ["the backup repository", `the name of a moment before ${schema.migrations.map(({ id }) => id).join(", ")}`],
      bytes: 0,
      seconds: 30,
      undo: "stays: it is one more backup, and one more name",
    }),
    unneeded: ({ schema }) => (schema.migrations.every(({ reversible }) => reversible) ? {} : undefined),
    gives: restorePointGives,
    run: async ({ from, release }, { advance, signal }) => ({
      restorePoint: await backUpAndName(`before-${release.version}-${from.revision}`, advance, signal),
    }),
  };
}

/** {@link BackUpAndName} in the release's own repository: an incremental backup, which costs little. */
export function backUpAndNameIn(ports: MakePointPorts): BackUpAndName {
  return async (name, advance, signal) => {
    await makeBackup(ports, { type: "incr", asker: name }, advance, signal);
    try {
      const { point } = await makeRestorePoint(ports, { name, dryRun: false }, signal);
      return pointSchema.parse({ ...point, name });
    } catch (error) {
      // A run that was cut off had made it: nothing has been changed since.
      if (!(error instanceof Problem) || error.code !== "RESTORE_POINT_EXISTS") throw error;
      return pointSchema.parse({ ...error.data, name });
    }
  };
}
