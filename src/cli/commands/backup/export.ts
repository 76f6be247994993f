import * as Flags from "@oclif/core/flags";
import { exportBackups } from "../../../workflow/backup/export-backups.ts";
import { BaseCommand } from "../../base-command.ts";
import { exportPorts } from "../../compose/export.ts";
import { exportPresenter } from "../../presenters/export-result.ts";
import { installedRelease, releaseFlags } from "../../release-scope.ts";

/** `migratectl backup export`: takes the backups away as one file. */
export default class BackupExport extends BaseCommand {
  static override summary = "write the backups into one file, for another cluster";
  static override description =
    "Copies the repository as it lies on its volume, while the platform is in service: what is encrypted there is encrypted in the file. Every file's checksum is in it. " +
    "Interrupted, the same command goes on with what it has written. `migratectl install --from-backup FILE` makes the platform of it again.";
  static override examples = [
    "<%= config.bin %> <%= command.id %> --out backups.export",
    "<%= config.bin %> <%= command.id %> --out newest.export --backup 20261125-020000F",
  ];
  static override flags = {
    ...releaseFlags,
    out: Flags.string({ description: "file to write", helpValue: "FILE", required: true }),
    backup: Flags.string({
      description: "only this backup, what it builds on, and all WAL from its beginning on",
      helpValue: "LABEL",
    }),
  };

  async run(): Promise<unknown> {
    const { flags } = await this.parse(BackupExport);
    const globals = this.globals(flags);
    const { scope, context } = await installedRelease(flags, globals);
    const ports = await exportPorts(scope, context, globals);
    const request = { out: flags.out, set: flags.backup, release: ports.release, dryRun: globals.dryRun };
    return await this.present({ ...(await exportBackups(ports, request, globals.signal)), profile: ports.profile }, exportPresenter);
  }
}
