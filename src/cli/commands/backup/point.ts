import * as Args from "@oclif/core/args";
import { makeRestorePoint } from "../../../workflow/backup/make-restore-point.ts";
import { BaseCommand } from "../../base-command.ts";
import { backupPorts } from "../../compose/backup.ts";
import { restorePointPresenter } from "../../presenters/restore-point.ts";
import { installedRelease, releaseFlags } from "../../release-scope.ts";

/** `migratectl backup point`: gives this moment a name to go back to. */
export default class BackupPoint extends BaseCommand {
  static override summary = "give this moment of the database a name to go back to";
  static override description =
    "Writes a named restore point into the WAL, archives it, and catalogues it in the repository beside the backup that leads to it, so that it is found even when the database or the whole cluster is lost. " +
    "`backup list` shows it, and `backup restore --to-name` goes back to it.";
  static override examples = [
    "<%= config.bin %> <%= command.id %> before-cleanup",
    "<%= config.bin %> <%= command.id %> before-cleanup --json",
  ];
  static override args = { name: Args.string({ description: "up to 63 letters, digits, dots, underscores and hyphens", required: true }) };
  static override flags = { ...releaseFlags };

  async run(): Promise<unknown> {
    const { args, flags } = await this.parse(BackupPoint);
    const globals = this.globals(flags);
    const { scope, context } = await installedRelease(flags, globals);
    const { host, clock, profile } = await backupPorts(scope, context, globals);
    const made = await makeRestorePoint({ host, clock }, { name: args.name, dryRun: globals.dryRun }, globals.signal);
    return await this.present({ ...made, profile }, restorePointPresenter);
  }
}
