import { readStatus } from "../../workflow/status/read-status.ts";
import { BaseCommand } from "../base-command.ts";
import { statusPorts } from "../compose/status.ts";
import { statusPresenter } from "../presenters/status.ts";
import { installedRelease, releaseFlags } from "../release-scope.ts";

/** `migratectl status`: how does the release stand, and why is what is unready so? */
export default class Status extends BaseCommand {
  static override summary = "show how the release stands, and the root cause of what is not ready";
  static override description =
    "Reads only. Shows release, version, components, ways in with the days left on their certificates, the last backups, and for everything unready the cause: " +
    "image, scheduling, volume, crash with its last lines, probe, quota, configuration. What merely follows from another failure is shown as such. Ends with 5 when something needs attention.";
  static override examples = [
    "<%= config.bin %> <%= command.id %>",
    "<%= config.bin %> <%= command.id %> --context prod --namespace client-acme",
    "<%= config.bin %> <%= command.id %> --json",
  ];
  static override flags = { ...releaseFlags };

  async run(): Promise<unknown> {
    const { flags } = await this.parse(Status);
    const globals = this.globals(flags);
    const { scope, context } = await installedRelease(flags, globals);
    return this.present(await readStatus(await statusPorts(scope, globals, context), scope, globals.signal), statusPresenter);
  }
}
