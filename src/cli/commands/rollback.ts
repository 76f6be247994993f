import * as Flags from "@oclif/core/flags";
import { rollback, schemaCheck } from "../../workflow/upgrade/rollback.ts";
import { BaseCommand } from "../base-command.ts";
import { rollbackPorts } from "../compose/upgrade.ts";
import { rollbackPresenter } from "../presenters/rollback.ts";
import { installedRelease, releaseFlags } from "../release-scope.ts";
import { parseSkips, skipFlags } from "../skip-flags.ts";

/** `migratectl rollback`: back to a release that was installed before. */
export default class Rollback extends BaseCommand {
  static override summary = "go back to the release that was installed before";
  static override description =
    "Deploys an earlier revision again, waits until all of it is ready, and tries it out. The database stays as it is: before anything is touched it is made sure that the earlier release works with its schema, and where it does not, the restore point is named. " +
    "It also takes back an upgrade that was interrupted, or that was left as it failed.";
  static override examples = [
    "<%= config.bin %> <%= command.id %> --dry-run",
    "<%= config.bin %> <%= command.id %> --to 1.0.0 --yes",
    "<%= config.bin %> <%= command.id %> --to 3 --json --yes",
  ];
  static override flags = {
    ...releaseFlags,
    ...skipFlags,
    to: Flags.string({ description: "revision of Helm's, or version (default: the version before)", helpValue: "REVISION|VERSION" }),
  };

  async run(): Promise<unknown> {
    const { flags } = await this.parse(Rollback);
    const globals = this.globals(flags);
    const installed = await installedRelease(flags, globals);
    const ports = await rollbackPorts(installed, globals);
    const request = {
      name: installed.scope.release,
      namespace: installed.scope.namespace,
      to: flags.to,
      skipSchema: parseSkips(flags["skip-check"]).get(schemaCheck),
      dryRun: globals.dryRun,
    };
    return await this.present({ ...(await rollback(ports, request, globals.signal)), profile: ports.profile }, rollbackPresenter);
  }
}
