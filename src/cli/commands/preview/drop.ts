import { dropPreview } from "../../../workflow/scratch/preview.ts";
import { BaseCommand } from "../../base-command.ts";
import { scratchPorts } from "../../compose/scratch.ts";
import { previewDroppedPresenter } from "../../presenters/preview-dropped.ts";
import { installedRelease, releaseFlags } from "../../release-scope.ts";

/** `migratectl preview drop`: gives the preview up. */
export default class PreviewDrop extends BaseCommand {
  static override summary = "give the preview up, with its volume";
  static override description =
    "The database that the platform runs on is not touched. Where there is no preview that is said, and is no error.";
  static override examples = ["<%= config.bin %> <%= command.id %>", "<%= config.bin %> <%= command.id %> --dry-run"];
  static override flags = { ...releaseFlags };

  async run(): Promise<unknown> {
    const { flags } = await this.parse(PreviewDrop);
    const globals = this.globals(flags);
    const { scope, context } = await installedRelease(flags, globals);
    const ports = await scratchPorts(scope, context, globals);
    const there = await dropPreview(ports, globals.dryRun, globals.signal);
    const kind = !there ? "nothing" : globals.dryRun ? "planned" : "dropped";
    return await this.present({ kind, profile: ports.profile }, previewDroppedPresenter);
  }
}
