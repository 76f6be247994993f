import * as Flags from "@oclif/core/flags";
import { restore } from "../../../workflow/restore/restore.ts";
import { BaseCommand } from "../../base-command.ts";
import { promotionPorts } from "../../compose/restore.ts";
import { lookFlags, lookOf, redisFlags } from "../../look-flags.ts";
import { restorePresenter } from "../../presenters/restore-result.ts";
import { installedRelease, releaseFlags } from "../../release-scope.ts";

/** `migratectl preview promote`: restores the very moment that the preview shows. */
export default class PreviewPromote extends BaseCommand {
  static override summary = "restore the database to the very moment that the preview shows";
  static override description =
    "The same as `migratectl backup restore` to the backup, timeline and target of the preview, which ends with that: with the same steps, the same way back, and the same question before it is made current. " +
    "Interrupted, `migratectl backup restore` without a target goes on from where it was. The release's name has to be typed, or given with --confirm.";
  static override examples = [
    "<%= config.bin %> <%= command.id %> --dry-run",
    "<%= config.bin %> <%= command.id %> --yes --confirm migrate-platform",
  ];
  static override flags = {
    ...releaseFlags,
    ...lookFlags,
    ...redisFlags,
    confirm: Flags.string({ description: "name of the release, in place of typing it", helpValue: "NAME" }),
  };

  async run(): Promise<unknown> {
    const { flags } = await this.parse(PreviewPromote);
    const globals = this.globals(flags);
    const { scope, context } = await installedRelease(flags, globals);
    const ports = await promotionPorts(flags.confirm, scope, context, globals);
    // A restore that was interrupted has ended the preview already: then what was begun is what is meant.
    const request = {
      ...{ name: scope.release, namespace: scope.namespace, dryRun: globals.dryRun, targetGiven: false },
      ...{ look: lookOf(flags), redis: flags.redis },
    };
    return await this.present({ ...(await restore(ports, request, globals.signal)), profile: ports.profile }, restorePresenter);
  }
}
