import { surveyHost } from "../../../workflow/backup/survey.ts";
import { readBeside } from "../../../workflow/scratch/beside.ts";
import { BaseCommand } from "../../base-command.ts";
import { scratchPorts } from "../../compose/scratch.ts";
import { backupListPresenter } from "../../presenters/backup-list.ts";
import { installedRelease, releaseFlags } from "../../release-scope.ts";

/** `migratectl backup list`: the sets, and every moment that can be reached. */
export default class BackupList extends BaseCommand {
  static override summary = "show the backups, and which moments can be restored";
  static override description =
    "Reads only. Shows every set with its size, and per timeline the spans of time of which every moment can be restored, with the holes between them: " +
    "worked out from the archive itself, segment by segment, and from the commits in it.";
  static override examples = ["<%= config.bin %> <%= command.id %>", "<%= config.bin %> <%= command.id %> --namespace client-acme --json"];
  static override flags = { ...releaseFlags };

  async run(): Promise<unknown> {
    const { flags } = await this.parse(BackupList);
    const globals = this.globals(flags);
    const { scope, context } = await installedRelease(flags, globals);
    const ports = await scratchPorts(scope, context, globals);
    const surveyed = await surveyHost(ports.host, ports.clock.now(), globals.signal);
    const read = await readBeside(ports, globals.signal);
    const beside = read.kind === "known" ? read.value : { lastDrill: undefined, preview: undefined, redis: undefined };
    return await this.present({ ...surveyed, beside, profile: ports.profile }, backupListPresenter);
  }
}
