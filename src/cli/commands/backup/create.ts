import * as Flags from "@oclif/core/flags";
import { backupTypes } from "../../../domain/recovery/repository.ts";
import { createBackup } from "../../../workflow/backup/create-backup.ts";
import { BaseCommand } from "../../base-command.ts";
import { backupPorts } from "../../compose/backup.ts";
import { backupCreatedPresenter } from "../../presenters/backup-created.ts";
import { installedRelease, releaseFlags } from "../../release-scope.ts";

/** `migratectl backup create`: makes a backup now, and proves that it can be restored. */
export default class BackupCreate extends BaseCommand {
  static override summary = "make a backup of the database now";
  static override description =
    "pgBackRest makes it beside the database, while the platform is in service. Ends well only when the repository lists the set without an error and all WAL that it needs is in the archive. " +
    "Interrupted, the backup goes on in the cluster: the same command then takes it up.";
  static override examples = [
    "<%= config.bin %> <%= command.id %>",
    "<%= config.bin %> <%= command.id %> --type full --namespace client-acme",
    "<%= config.bin %> <%= command.id %> --json",
  ];
  static override flags = {
    ...releaseFlags,
    type: Flags.option({
      description: "full: everything; diff: what changed since the last full one; incr: what changed since the last one",
      options: backupTypes,
      default: "incr" as const,
    })(),
  };

  async run(): Promise<unknown> {
    const { flags } = await this.parse(BackupCreate);
    const globals = this.globals(flags);
    const { scope, context } = await installedRelease(flags, globals);
    const ports = await backupPorts(scope, context, globals);
    const request = { type: flags.type, asker: ports.asker, dryRun: globals.dryRun };
    const result = await createBackup(ports, request, globals.signal);
    return await this.present({ ...result, profile: ports.profile }, backupCreatedPresenter);
  }
}
