import * as Flags from "@oclif/core/flags";
import { drill } from "../../../workflow/scratch/drill.ts";
import { BaseCommand } from "../../base-command.ts";
import { drillPorts, wantedDrill } from "../../compose/scratch.ts";
import { drillPresenter } from "../../presenters/drill-result.ts";
import { installedRelease, releaseFlags } from "../../release-scope.ts";

/** `migratectl backup drill`: proves that what is backed up can be restored, and measures how long that takes. */
export default class BackupDrill extends BaseCommand {
  static override summary = "prove that the backups can be restored, and measure it, while the platform runs";
  static override description =
    "Restores a moment into a database of its own beside the running one, on a volume that goes with it, asks what came of it (tables, schema revision, vector indexes against a sequential search, heartbeat), measures how long that took (RTO) and what would have been lost (RPO), and throws it away. " +
    "Nothing of the platform is touched, and nothing is archived. Without a moment the newest one in the archive is taken. How it went is written into the record and the database; `backup list` and `status` show the last one. " +
    "The schedule of the chart does the same each week. Interrupted, the same command takes up a drill that is on its way. Ends with 6 when it fails.";
  static override examples = [
    "<%= config.bin %> <%= command.id %>",
    "<%= config.bin %> <%= command.id %> --to-time random --seed 7",
    "<%= config.bin %> <%= command.id %> --to-time 2026-11-23T05:00:00Z --thorough --json",
  ];
  static override flags = {
    ...releaseFlags,
    "to-time": Flags.string({
      description: "the moment: RFC 3339 with its offset, a span back from now such as -15m, or random for any that can be reached",
      helpValue: "TIME",
      exclusive: ["to-backup"],
    }),
    "to-backup": Flags.string({ description: "the end of this backup", helpValue: "LABEL" }),
    timeline: Flags.integer({ description: "follow this timeline, whichever was being written at the moment", helpValue: "N", min: 1 }),
    seed: Flags.integer({ description: "chooses the random moment; the same archive and seed give the same one", helpValue: "N", min: 0 }),
    thorough: Flags.boolean({ description: "compare every index with its table and every page with its checksum, too" }),
  };

  async run(): Promise<unknown> {
    const { flags } = await this.parse(BackupDrill);
    const globals = this.globals(flags);
    const { scope, context } = await installedRelease(flags, globals);
    const [time, backup] = [flags["to-time"], flags["to-backup"]];
    const random = time === "random" || (flags.seed !== undefined && time === undefined && backup === undefined);
    const seed = random ? (flags.seed ?? Date.now() % 1_000_000) : undefined;
    const latest = time === undefined && backup === undefined;
    const moment = wantedDrill({ time, backup, lsn: undefined, name: undefined, latest, timeline: flags.timeline }, seed);
    const ports = await drillPorts(moment, scope, context, globals);
    if (seed !== undefined) globals.progress.tell({ kind: "note", text: `The moment is chosen by seed ${seed}.` });
    const request = {
      name: scope.release,
      namespace: scope.namespace,
      // A span back from now, the newest and a random one name another moment each time.
      momentGiven: backup !== undefined || (time !== undefined && !random && !time.startsWith("-")),
      thorough: flags.thorough === true,
      asker: ports.asker,
      dryRun: globals.dryRun,
    };
    return await this.present({ ...(await drill(ports, request, globals.signal)), seed, profile: ports.profile }, drillPresenter);
  }
}
