import * as Flags from "@oclif/core/flags";
import { parseDuration } from "../../../domain/duration.ts";
import { Problem } from "../../../domain/errors/problem.ts";
import { restore } from "../../../workflow/restore/restore.ts";
import { openPreview } from "../../../workflow/scratch/preview.ts";
import { BaseCommand } from "../../base-command.ts";
import { restorePorts } from "../../compose/restore.ts";
import { previewPorts } from "../../compose/scratch.ts";
import { lookFlags, lookOf, redisFlags } from "../../look-flags.ts";
import { previewPresenter } from "../../presenters/preview.ts";
import { restorePresenter } from "../../presenters/restore-result.ts";
import { installedRelease, releaseFlags } from "../../release-scope.ts";

const targets = ["to-time", "to-latest", "to-lsn", "to-name", "to-backup"];
const others = (own: string): string[] => targets.filter((name) => name !== own);

/** `migratectl backup restore`: bring the database to a moment. */
export default class BackupRestore extends BaseCommand {
  static override summary = "bring the database to a moment, with a way back";
  static override description =
    "Finds out before anything stops whether the moment can be reached, and from which backup along which timeline. Then takes the platform out of service, restores beside the data, replays to the moment and waits there: " +
    "what was reached and what the database holds there is shown, and only then it becomes the database, and Redis is brought to the last snapshot before. Until then a failure brings the old data back, and afterwards `migratectl backup undo` does. " +
    "Interrupted, the same command goes on from where it was; without a target it takes up an unfinished restore. The release's name has to be typed, or given with --confirm. " +
    "With --preview nothing of that: the moment is restored into a database of its own that takes no writes and waits beside the one that runs, for `migratectl preview show`, `query`, `promote` and `drop`.";
  static override examples = [
    "<%= config.bin %> <%= command.id %> --to-time 2026-11-23T05:00:00Z",
    "<%= config.bin %> <%= command.id %> --to-time=-15m --dry-run",
    "<%= config.bin %> <%= command.id %> --preview --to-time=-15m --keep 2h",
    "<%= config.bin %> <%= command.id %> --to-backup 20261125-020000F --yes --confirm migrate-platform",
  ];
  static override flags = {
    ...releaseFlags,
    "to-time": Flags.string({
      description: "everything committed until then, and nothing later: RFC 3339 with its offset, or a span back from now such as -15m",
      helpValue: "TIME",
      exclusive: others("to-time"),
    }),
    "to-latest": Flags.boolean({
      description: "everything that was archived: for a volume that is lost",
      exclusive: others("to-latest"),
    }),
    "to-lsn": Flags.string({ description: "everything up to this place in the WAL", helpValue: "LSN", exclusive: others("to-lsn") }),
    "to-name": Flags.string({ description: "a named restore point", helpValue: "NAME", exclusive: others("to-name") }),
    "to-backup": Flags.string({ description: "the end of this backup", helpValue: "LABEL", exclusive: others("to-backup") }),
    timeline: Flags.integer({ description: "follow this timeline, whichever was being written at the moment", helpValue: "N", min: 1 }),
    ...lookFlags,
    ...redisFlags,
    preview: Flags.boolean({ description: "restore beside the database, to be looked at: the platform runs on", exclusive: ["confirm"] }),
    keep: Flags.string({
      description: "how long a preview is kept, such as 90m (default: 4h)",
      helpValue: "DURATION",
      dependsOn: ["preview"],
    }),
    confirm: Flags.string({ description: "name of the release, in place of typing it", helpValue: "NAME" }),
  };

  async run(): Promise<unknown> {
    const { flags } = await this.parse(BackupRestore);
    const globals = this.globals(flags);
    const { scope, context } = await installedRelease(flags, globals);
    const wanted = {
      time: flags["to-time"],
      lsn: flags["to-lsn"],
      name: flags["to-name"],
      backup: flags["to-backup"],
      latest: flags["to-latest"] === true,
      timeline: flags.timeline,
    };
    // A span back from now, or the latest, names another moment each time; what was begun is what is meant.
    const targetGiven = [flags["to-time"], flags["to-lsn"], flags["to-name"], flags["to-backup"]].some(
      (given) => given !== undefined && !given.startsWith("-"),
    );
    if (flags.preview === true) {
      const keep = keptFor(flags.keep ?? "4h");
      const ports = await previewPorts(wanted, scope, context, globals);
      const request = { namespace: scope.namespace, momentGiven: targetGiven, keep, dryRun: globals.dryRun };
      const opened = await openPreview(ports, request, globals.signal);
      return await this.present({ ...opened, profile: ports.profile, namespace: scope.namespace }, previewPresenter);
    }
    const ports = await restorePorts(wanted, flags.confirm, scope, context, globals);
    const request = {
      ...{ name: scope.release, namespace: scope.namespace, dryRun: globals.dryRun, targetGiven },
      ...{ look: lookOf(flags), redis: flags.redis },
    };
    return await this.present({ ...(await restore(ports, request, globals.signal)), profile: ports.profile }, restorePresenter);
  }
}

/** Seconds that a preview is kept. @throws Problem USAGE */
function keptFor(text: string): number {
  const milliseconds = parseDuration(text);
  if (milliseconds === undefined) throw new Problem("USAGE", { what: `"${text}" is no duration`, fix: "Write it as 90m or 4h." });
  return Math.ceil(milliseconds / 1000);
}
