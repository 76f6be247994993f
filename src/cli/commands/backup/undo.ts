import * as Flags from "@oclif/core/flags";
import { undoRestore } from "../../../workflow/restore/undo-restore.ts";
import { BaseCommand } from "../../base-command.ts";
import { undoPorts } from "../../compose/restore.ts";
import { redisFlags } from "../../look-flags.ts";
import { undoPresenter } from "../../presenters/undo-result.ts";
import { installedRelease, releaseFlags } from "../../release-scope.ts";

/** `migratectl backup undo`: back to the data of before the last restore. */
export default class BackupUndo extends BaseCommand {
  static override summary = "go back to the data of before the last restore";
  static override description =
    "The data that a restore replaced stays on the volume until it is pruned: going back switches to it and starts the database. What the restore had made is kept in its turn. Redis is brought to what it was right before the restore. " +
    "Interrupted, the same command goes on from where it was. The release's name has to be typed, or given with --confirm.";
  static override examples = [
    "<%= config.bin %> <%= command.id %> --dry-run",
    "<%= config.bin %> <%= command.id %> --yes --confirm migrate-platform",
  ];
  static override flags = {
    ...releaseFlags,
    ...redisFlags,
    confirm: Flags.string({ description: "name of the release, in place of typing it", helpValue: "NAME" }),
  };

  async run(): Promise<unknown> {
    const { flags } = await this.parse(BackupUndo);
    const globals = this.globals(flags);
    const { scope, context } = await installedRelease(flags, globals);
    const ports = await undoPorts(flags.confirm, scope, context, globals);
    const request = { name: scope.release, namespace: scope.namespace, dryRun: globals.dryRun, redis: flags.redis };
    return await this.present({ ...(await undoRestore(ports, request, globals.signal)), profile: ports.profile }, undoPresenter);
  }
}
