import * as Flags from "@oclif/core/flags";
import { pruneRestores } from "../../../workflow/backup/prune-restores.ts";
import { BaseCommand } from "../../base-command.ts";
import { prunePorts } from "../../compose/backup.ts";
import { confirmName } from "../../compose/confirm-plan.ts";
import { leftText, prunePresenter } from "../../presenters/prune-result.ts";
import { installedRelease, releaseFlags } from "../../release-scope.ts";

/** `migratectl backup prune`: gives back the room that restores have left taken. */
export default class BackupPrune extends BaseCommand {
  static override summary = "remove the data that restores have replaced";
  static override description =
    "A restore keeps the data of before on the volume, so that `backup undo` can bring it back. This removes it for good, and what restores that were given up have left. What the platform runs on, and the backups, are not touched. " +
    "The release's name has to be typed, or given with --confirm.";
  static override examples = [
    "<%= config.bin %> <%= command.id %> --dry-run",
    "<%= config.bin %> <%= command.id %> --yes --confirm migrate-platform",
  ];
  static override flags = {
    ...releaseFlags,
    confirm: Flags.string({ description: "name of the release, in place of typing it", helpValue: "NAME" }),
  };

  async run(): Promise<unknown> {
    const { flags } = await this.parse(BackupPrune);
    const globals = this.globals(flags);
    const { scope, context } = await installedRelease(flags, globals);
    const { profile, ...pruning } = await prunePorts(scope, context, globals);
    const ports = {
      ...pruning,
      confirm: async (directories: Parameters<typeof leftText>[0]) => {
        if (!globals.json && globals.logLevel !== "error") process.stderr.write(`${leftText(directories)}\n`);
        await confirmName(scope.release, flags.confirm, globals, "This data will be deleted for good. Type the release's name to go on:");
      },
    };
    return await this.present(
      { ...(await pruneRestores(ports, { namespace: scope.namespace, dryRun: globals.dryRun }, globals.signal)), profile },
      prunePresenter,
    );
  }
}
