import * as Flags from "@oclif/core/flags";
import { verifyBackups } from "../../../workflow/backup/verify-backups.ts";
import { BaseCommand } from "../../base-command.ts";
import { backupPorts } from "../../compose/backup.ts";
import { setDrill } from "../../compose/scratch.ts";
import { backupsVerifiedPresenter } from "../../presenters/backup-verified.ts";
import { installedRelease, releaseFlags } from "../../release-scope.ts";

/** `migratectl backup verify`: can what is there be restored? */
export default class BackupVerify extends BaseCommand {
  static override summary = "make sure that the backups can be restored";
  static override description =
    "Reads only, but for --deep. pgBackRest reads every file again and compares checksums; beside it sets and archive are walked segment by segment, because pgBackRest calls an archive fine in which a segment is missing. Ends with 6 when something is wrong.";
  static override examples = ["<%= config.bin %> <%= command.id %>", "<%= config.bin %> <%= command.id %> --namespace client-acme --json"];
  static override flags = {
    ...releaseFlags,
    deep: Flags.boolean({
      description:
        "restore the newest set of every window beside the database, too, and ask what came of it (a drill each, kept in the record)",
    }),
  };

  async run(): Promise<unknown> {
    const { flags } = await this.parse(BackupVerify);
    const globals = this.globals(flags);
    const { scope, context } = await installedRelease(flags, globals);
    const ports = await backupPorts(scope, context, globals);
    const drill = flags.deep === true && !globals.dryRun ? { drill: setDrill(scope, context, globals) } : {};
    return await this.present(
      { ...(await verifyBackups({ ...ports, ...drill }, globals.signal)), profile: ports.profile },
      backupsVerifiedPresenter,
    );
  }
}
