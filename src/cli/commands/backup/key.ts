import * as Flags from "@oclif/core/flags";
import { Problem } from "../../../domain/errors/problem.ts";
import { writeKey } from "../../../workflow/backup/write-key.ts";
import { BaseCommand } from "../../base-command.ts";
import { keyPorts } from "../../compose/backup.ts";
import { backupKeyPresenter } from "../../presenters/backup-key.ts";
import { installedRelease, releaseFlags } from "../../release-scope.ts";

/** `migratectl backup key`: the key of the backups, to be kept outside the cluster. */
export default class BackupKey extends BaseCommand {
  static override summary = "write out the key of the backups, to be kept outside the cluster";
  static override description =
    "Backups are encrypted with a key that is made at the first install and lives in a Secret of the namespace. When the cluster is lost, so is that Secret, and without the key no backup can be read: " +
    "keep a copy where the cluster is not. The file is readable by its owner only, and no file is written over. Nothing in the cluster changes.";
  static override examples = [
    "<%= config.bin %> <%= command.id %> --out migrate-platform.key",
    "<%= config.bin %> <%= command.id %> --out - | gpg --encrypt --recipient ops@client.example >migrate-platform.key.gpg",
  ];
  static override flags = {
    ...releaseFlags,
    out: Flags.string({ description: "file that the key is written to; - for stdout", helpValue: "FILE", required: true }),
  };

  async run(): Promise<unknown> {
    const { flags } = await this.parse(BackupKey);
    const globals = this.globals(flags);
    const shown = flags.out === "-";
    if (shown && globals.json) throw new Problem("USAGE", { what: "--out - cannot be combined with --json: no document holds a secret" });
    const { scope, context } = await installedRelease(flags, globals);
    const request = { namespace: scope.namespace, file: shown ? undefined : flags.out, dryRun: globals.dryRun };
    const { profile, ...ports } = await keyPorts(scope, context, globals);
    return await this.present({ ...(await writeKey(ports, request, globals.signal)), profile }, backupKeyPresenter);
  }
}
