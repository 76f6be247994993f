import * as Flags from "@oclif/core/flags";
import { uninstall } from "../../workflow/uninstall/uninstall.ts";
import { BaseCommand } from "../base-command.ts";
import { uninstallPorts } from "../compose/uninstall.ts";
import { uninstallPresenter } from "../presenters/uninstall.ts";
import { installedRelease, releaseFlags } from "../release-scope.ts";

/** `migratectl uninstall`: takes a release down; data stays unless it is to go, too. */
export default class Uninstall extends BaseCommand {
  static override summary = "take the platform down; its data, secrets and record stay unless --delete-data";
  static override description =
    "Shows the plan and asks first. What stays is told, with the command that removes it. Installing again finds data and secrets as they were. " +
    "With --delete-data the release's name has to be typed, or given with --confirm.";
  static override examples = [
    "<%= config.bin %> <%= command.id %> -n migrate-platform --dry-run",
    "<%= config.bin %> <%= command.id %> -n migrate-platform --yes",
    "<%= config.bin %> <%= command.id %> -n migrate-platform --delete-data --yes --confirm migrate-platform",
  ];
  static override flags = {
    ...releaseFlags,
    "delete-data": Flags.boolean({ description: "delete volumes, secrets and record, too: for good" }),
    confirm: Flags.string({ description: "name of the release, in place of typing it", helpValue: "NAME" }),
  };

  async run(): Promise<unknown> {
    const { flags } = await this.parse(Uninstall);
    const globals = this.globals(flags);
    const { scope, context } = await installedRelease(flags, globals);
    const deleteData = flags["delete-data"] === true;
    const ports = await uninstallPorts({ deleteData, confirmed: flags.confirm }, scope, context, globals);
    const request = { name: scope.release, namespace: scope.namespace, deleteData, dryRun: globals.dryRun };
    const result = await uninstall(ports, request, globals.signal);
    return await this.present({ ...result, profile: ports.profile }, uninstallPresenter);
  }
}
