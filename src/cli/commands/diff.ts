import * as Flags from "@oclif/core/flags";
import { diff } from "../../workflow/diff/diff.ts";
import { answerFlags } from "../answer-flags.ts";
import { BaseCommand } from "../base-command.ts";
import { connect } from "../compose/connect.ts";
import { diffPorts, wantedRelease } from "../compose/diff.ts";
import { installedProfile } from "../compose/installed-profile.ts";
import { openRelease } from "../compose/render.ts";
import { recordedAnswers } from "../compose/upgrade.ts";
import { loadAnswers } from "../load-answers.ts";
import { originOf } from "../missing-input.ts";
import { diffPresenter } from "../presenters/diff.ts";
import { installedRelease } from "../release-scope.ts";

/** `migratectl diff`: what would an install or upgrade change, and what did somebody change since the last one? */
export default class Diff extends BaseCommand {
  static override summary = "show what a release would change in the cluster, and what drifted since the last one was applied";
  static override description =
    "Reads only. With --bundle or --release: object by object what applying it would change, and which pods would restart. Always: " +
    "where the cluster is not as the installed release says, and who changed it. Values of Secrets are never shown. Answers are those of the installation unless a file or flags say otherwise. Differences are no failure: it ends with 0 whether there are any or not.";
  static override examples = [
    "<%= config.bin %> <%= command.id %>",
    "<%= config.bin %> <%= command.id %> --bundle migrate-platform-1.1.0.bundle",
    "<%= config.bin %> <%= command.id %> --bundle migrate-platform-1.0.0.bundle --answers migratectl.yaml --json",
  ];
  static override flags = {
    ...answerFlags,
    bundle: Flags.string({
      description: "bundle with the release to compare with",
      helpValue: "FILE",
      env: "MIGRATECTL_BUNDLE",
      exclusive: ["release"],
    }),
    release: Flags.string({ description: "release folder to compare with", helpValue: "DIR" }),
    lock: Flags.string({
      description: "images.lock.json that pins the release's images (default: the one in the release folder)",
      helpValue: "FILE",
      dependsOn: ["release"],
    }),
  };

  async run(): Promise<unknown> {
    const { flags } = await this.parse(Diff);
    const globals = this.globals(flags);
    const origin = originOf(flags);
    if (origin === undefined) {
      const { scope, context } = await installedRelease(flags, globals);
      const result = await diff(await diffPorts(globals, context, undefined), { scope, wanted: undefined }, globals.signal);
      const { client } = await connect(globals, context);
      return await this.present({ ...result, profile: await installedProfile(client, scope, globals.signal) }, diffPresenter);
    }
    const answers = await loadAnswers(flags, globals, await recordedAnswers(await installedRelease(flags, globals), globals));
    const staged = await openRelease(origin, globals.signal);
    try {
      const ports = await diffPorts(globals, answers.cluster.context, staged);
      const scope = { release: answers.release.name, namespace: answers.release.namespace };
      const result = await diff(ports, { scope, wanted: await wantedRelease(answers, staged, globals) }, globals.signal);
      return await this.present({ ...result, profile: answers.profile }, diffPresenter);
    } finally {
      await staged.close();
    }
  }
}
