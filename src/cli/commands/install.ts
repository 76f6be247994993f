import * as Flags from "@oclif/core/flags";
import { install } from "../../workflow/install/install.ts";
import { answerFlags } from "../answer-flags.ts";
import { BaseCommand } from "../base-command.ts";
import { backedUpAnswers, backupSource } from "../compose/from-backup.ts";
import { bundleStart, installPorts } from "../compose/install.ts";
import { openRelease } from "../compose/render.ts";
import { loadAnswers } from "../load-answers.ts";
import { bundleInput, missingInput, originOf } from "../missing-input.ts";
import { originFlags } from "../origin-flags.ts";
import { installPresenter } from "../presenters/install.ts";
import { parseSkips, skipFlags } from "../skip-flags.ts";

/** `migratectl install`: from answers and a bundle to a platform that has passed its smoke test. */
export default class Install extends BaseCommand {
  static override summary = "install the platform: preflight, plan, push, apply, rollout, smoke test, record";
  static override description =
    "Checks first and changes nothing when a check fails. Shows the plan and asks. Interrupted at any point (Ctrl-C, kill -9, power), the same command goes on from there: " +
    "nothing is done twice, nothing that was generated is lost. Over the same release it changes nothing and says so; what somebody deleted of it is made anew.";
  static override examples = [
    "<%= config.bin %> <%= command.id %> --airgap --bundle migrate-platform-1.0.0.bundle --answers migratectl.yaml",
    "<%= config.bin %> <%= command.id %> --bundle migrate-platform-1.0.0.bundle --answers migratectl.yaml --dry-run",
    "<%= config.bin %> <%= command.id %> --bundle migrate-platform-1.0.0.bundle --from-backup backups.export --backup-encryption-key-file platform.key",
    '<%= config.bin %> <%= command.id %> --bundle migrate-platform-1.0.0.bundle --answers migratectl.yaml --yes --skip-check "supported-minimum=trial on a small cluster"',
  ];
  static override flags = {
    ...answerFlags,
    ...skipFlags,
    ...originFlags,
    "from-backup": Flags.string({
      description:
        "make the platform of its backups, in an empty namespace: a file that `backup export` wrote, or `repository` for what is in the release's repository already. Give the key with --backup-encryption-key-file",
      helpValue: "FILE|repository",
    }),
  };

  async run(): Promise<unknown> {
    const { flags } = await this.parse(Install);
    const globals = this.globals(flags);
    const skippedChecks = [...parseSkips(flags["skip-check"])].map(([check, reason]) => ({ check, reason }));
    const origin = originOf(flags);
    if (origin === undefined) throw await missingInput(flags, globals, [bundleInput]);
    const answers = await loadAnswers(flags, globals, await backedUpAnswers(flags, globals));
    const staged = await openRelease(origin, globals.signal);
    try {
      const request = {
        answers,
        release: staged.release,
        bundle: flags.bundle === undefined ? undefined : await bundleStart(flags.bundle, globals.signal),
        backup: await backupSource(flags["from-backup"]),
        airgap: flags.airgap === true,
        takeOverConflicts: flags["take-over-conflicts"] === true,
        skippedChecks,
        dryRun: globals.dryRun,
      };
      const result = await install(await installPorts(request, staged, globals), request, globals.signal);
      return await this.present({ ...result, profile: answers.profile }, installPresenter);
    } finally {
      await staged.close();
    }
  }
}
