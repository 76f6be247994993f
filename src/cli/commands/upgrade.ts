import * as Flags from "@oclif/core/flags";
import { neededAnswers } from "../../domain/answers/needed.ts";
import type { ReleaseOrigin } from "../../workflow/release/stage-release.ts";
import { type UpgradeRequest, type UpgradeResult, upgrade } from "../../workflow/upgrade/upgrade.ts";
import { answerFlags } from "../answer-flags.ts";
import { BaseCommand } from "../base-command.ts";
import { bundleStart } from "../compose/install.ts";
import { openRelease } from "../compose/render.ts";
import { recordedAnswers, upgradePorts, upgradeStops } from "../compose/upgrade.ts";
import type { Globals } from "../global-flags.ts";
import { loadDraft, settleAnswers } from "../load-answers.ts";
import { bundleInput, missingInput, originOf } from "../missing-input.ts";
import { originFlags } from "../origin-flags.ts";
import { upgradePresenter } from "../presenters/upgrade.ts";
import { installedRelease, releaseIn } from "../release-scope.ts";
import { parseSkips, skipFlags } from "../skip-flags.ts";

/** `migratectl upgrade`: from an installed release to a newer one that has passed its smoke test, or back to the one that was there. */
export default class Upgrade extends BaseCommand {
  static override summary = "bring the installed release to a newer one: the new one works, or the old one does as before";
  static override description =
    "Checks the way (which releases have to come first, where the database's schema stands) and the cluster, shows the plan and asks. Where a migration has no way back, a backup is made and the moment before it gets a name. " +
    "What fails from then on is taken back by itself: the release of before runs again and has passed its smoke test (exit 4). Interrupted anywhere, the same command goes on. " +
    "Migrations that the release of before could not live with are put off: once the new one has proved itself, --finish runs them. Answers are those of the installation unless a file or flags say otherwise.";
  static override examples = [
    "<%= config.bin %> <%= command.id %> --airgap --bundle migrate-platform-1.1.0.bundle",
    "<%= config.bin %> <%= command.id %> --bundle migrate-platform-1.1.0.bundle --dry-run",
    "<%= config.bin %> <%= command.id %> --bundle /media/stick --to 2.0.0",
    "<%= config.bin %> <%= command.id %> --finish --bundle migrate-platform-2.0.0.bundle",
  ];
  static override flags = {
    ...answerFlags,
    ...skipFlags,
    ...originFlags,
    to: Flags.string({
      description:
        "version to go to, where --bundle is a folder with the bundles of that release and of all stops before it (default: the newest)",
      helpValue: "VERSION",
      dependsOn: ["bundle"],
    }),
    finish: Flags.boolean({
      description:
        "run the migrations that were put off when the installed release was upgraded to; the release before it cannot run any more afterwards",
    }),
    "no-rollback": Flags.boolean({ description: "leave a failed upgrade as it is, to look at it; `migratectl rollback` takes it back" }),
  };

  async run(): Promise<unknown> {
    const { flags } = await this.parse(Upgrade);
    const globals = this.globals(flags);
    const skippedChecks = [...parseSkips(flags["skip-check"])].map(([check, reason]) => ({ check, reason }));
    const origin = originOf(flags);
    if (origin === undefined) throw await missingInput(flags, globals, [bundleInput]);
    const draft = await loadDraft(flags, globals, await recordedAnswers(await installedRelease(flags, globals), globals));
    const stops = await upgradeStops(origin, { to: flags.to, finish: flags.finish === true }, releaseIn(draft, globals), globals);
    const answers = await settleAnswers(draft, globals, neededAnswers(draft, stops));
    const wishes = {
      answers,
      airgap: flags.airgap === true,
      takeOverConflicts: flags["take-over-conflicts"] === true,
      skippedChecks,
      dryRun: globals.dryRun,
      finish: flags.finish === true,
      rollback: flags["no-rollback"] !== true,
    };
    const [first, ...later] = stops.map(({ origin: stop }) => stop);
    if (first === undefined) throw new RangeError("a way has a first stop");
    let result = await this.upgradeTo(first, wishes, globals);
    // What a dry run would do at the second stop depends on what it did at the first.
    if (!globals.dryRun) for (const stop of later) result = await this.upgradeTo(stop, wishes, globals);
    return await this.present(
      { ...result, stops: stops.map(({ version }) => version), profile: answers.profile, migrated: draft.migrated },
      upgradePresenter,
    );
  }

  private async upgradeTo(
    origin: ReleaseOrigin,
    wishes: Omit<UpgradeRequest, "release" | "bundle">,
    globals: Globals,
  ): Promise<UpgradeResult> {
    const staged = await openRelease(origin, globals.signal);
    try {
      const bundle = origin.kind === "bundle" ? await bundleStart(origin.path, globals.signal) : undefined;
      const request: UpgradeRequest = { ...wishes, release: staged.release, bundle };
      return await upgrade(await upgradePorts(request, staged, globals), request, globals.signal);
    } finally {
      await staged.close();
    }
  }
}
