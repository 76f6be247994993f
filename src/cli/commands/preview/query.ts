import * as Args from "@oclif/core/args";
import { Problem } from "../../../domain/errors/problem.ts";
import { enterPreview, queryPreview } from "../../../workflow/scratch/preview.ts";
import { BaseCommand } from "../../base-command.ts";
import { atTerminal, scratchPorts } from "../../compose/scratch.ts";
import { previewQueryPresenter } from "../../presenters/preview-query.ts";
import { installedRelease, releaseFlags } from "../../release-scope.ts";

/** `migratectl preview query`: asks the preview. */
export default class PreviewQuery extends BaseCommand {
  static override summary = "ask the preview with SQL, or open psql in it; it takes no writes";
  static override description =
    "Runs one statement in the database that waits at the moment, as its superuser, and prints what psql prints. Without a statement it opens psql in it, for a person at a terminal.";
  static override examples = [
    '<%= config.bin %> <%= command.id %> "select count(*) from migration.assessment"',
    '<%= config.bin %> <%= command.id %> "select * from migration.audit_log order by at desc limit 5" --json',
    "<%= config.bin %> <%= command.id %>",
  ];
  static override flags = { ...releaseFlags };
  static override args = { sql: Args.string({ description: "statement to run; psql is opened without one" }) };

  async run(): Promise<unknown> {
    const { args, flags } = await this.parse(PreviewQuery);
    const globals = this.globals(flags);
    const { sql } = args;
    if (sql === undefined && (globals.json || !process.stdin.isTTY || !process.stdout.isTTY))
      throw new Problem("USAGE", {
        what: "psql is for a person at a terminal, and there is none",
        fix: 'Give the statement: migratectl preview query "select count(*) from migration.assessment"',
      });
    const { scope, context } = await installedRelease(flags, globals);
    const ports = await scratchPorts(scope, context, globals);
    if (sql === undefined) {
      return await atTerminal((terminal) => enterPreview(ports, terminal, globals.signal));
    }
    const answer = await queryPreview(ports, sql, globals.signal);
    return await this.present({ sql, answer, profile: ports.profile }, previewQueryPresenter);
  }
}
