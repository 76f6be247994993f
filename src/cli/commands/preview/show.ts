import { showPreview } from "../../../workflow/scratch/preview.ts";
import { BaseCommand } from "../../base-command.ts";
import { scratchPorts } from "../../compose/scratch.ts";
import { previewPresenter } from "../../presenters/preview.ts";
import { installedRelease, releaseFlags } from "../../release-scope.ts";

/** `migratectl preview show`: what the preview holds. */
export default class PreviewShow extends BaseCommand {
  static override summary = "show the preview: which moment it is, how many rows its tables have, until when it is there";
  static override description =
    "A preview is made by `migratectl backup restore --preview`: the database as it was at a moment, beside the one that runs, to be looked at and read only. Reads only.";
  static override examples = ["<%= config.bin %> <%= command.id %>", "<%= config.bin %> <%= command.id %> --json"];
  static override flags = { ...releaseFlags };

  async run(): Promise<unknown> {
    const { flags } = await this.parse(PreviewShow);
    const globals = this.globals(flags);
    const { scope, context } = await installedRelease(flags, globals);
    const ports = await scratchPorts(scope, context, globals);
    const shown = await showPreview(ports, scope.namespace, globals.signal);
    return await this.present({ ...shown, profile: ports.profile, namespace: scope.namespace }, previewPresenter);
  }
}
