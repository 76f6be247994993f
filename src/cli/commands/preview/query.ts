import * as Args from "@oclif/core/args";
import { queryPreview } from "../../../workflow/scratch/preview.ts";
import { BaseCommand } from "../../base-command.ts";
import { scratchPorts } from "../../compose/scratch.ts";
import { previewQueryPresenter } from "../../presenters/preview-query.ts";
import { installedRelease, releaseFlags } from "../../release-scope.ts";

/** `migratectl preview query`: asks the preview. */
export default class PreviewQuery extends BaseCommand {
  static override summary = "ask the preview with SQL; it takes no writes";
  static override description =
    "Runs one statement in the database that waits at the moment, as its superuser, and prints what psql prints. For more than one: `migratectl preview show` names the line for an interactive psql.";
  static override examples = [
    '<%= config.bin %> <%= command.id %> "select count(*) from migration.assessment"',
    '<%= config.bin %> <%= command.id %> "select * from migration.audit_log order by at desc limit 5" --json',
  ];
  static override flags = { ...releaseFlags };
  static override args = { sql: Args.string({ description: "statement to run", required: true }) };

  async run(): Promise<unknown> {
    const { args, flags } = await this.parse(PreviewQuery);
    const globals = this.globals(flags);
    const { scope, context } = await installedRelease(flags, globals);
    const ports = await scratchPorts(scope, context, globals);
    const answer = await queryPreview(ports, args.sql, globals.signal);
    return await this.present({ sql: args.sql, answer, profile: ports.profile }, previewQueryPresenter);
  }
}
