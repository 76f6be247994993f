import * as Flags from "@oclif/core/flags";
import { missingFields, missingProblem } from "../../domain/answers/missing.ts";
import { checkedDraft } from "../../domain/answers/resolve.ts";
import { Problem } from "../../domain/errors/problem.ts";
import { configure } from "../../workflow/configure/configure.ts";
import { answerFlags } from "../answer-flags.ts";
import { BaseCommand } from "../base-command.ts";
import { bundledRelease, configurePorts } from "../compose/configure.ts";
import { answerSourcesForWriting, defaultAnswersFile, mayAsk } from "../load-answers.ts";
import { configurePresenter } from "../presenters/configure.ts";
import { tellMigrated } from "../tell-migrated.ts";

/** `migratectl configure`: the wizard that writes migratectl.yaml. */
export default class Configure extends BaseCommand {
  static override summary = "ask what has to be decided and write it to migratectl.yaml";
  static override description =
    "Asks only what the cluster does not tell, offers what it has, and checks each answer when it is given. Run again, it starts from the answers of before and keeps the comments in the file. " +
    "With --bundle it is said what its release has against the cluster. No secret is written: the file says where secrets are. Every question has a flag and an environment variable; with --yes nothing is asked.";
  static override examples = [
    "<%= config.bin %> <%= command.id %>",
    "<%= config.bin %> <%= command.id %> --context client-prod --answers prod.yaml",
    "<%= config.bin %> <%= command.id %> --bundle migrate-platform-1.0.0.bundle",
    "<%= config.bin %> <%= command.id %> --yes --registry registry.client.example/platform --ingress-host migrate.client.example --profile small",
    "<%= config.bin %> <%= command.id %> --yes --dry-run",
  ];
  static override flags = {
    ...answerFlags,
    bundle: Flags.string({
      description: "bundle of the release that the answers are for; the cluster is held against it",
      helpValue: "FILE",
      env: "MIGRATECTL_BUNDLE",
    }),
  };

  async run(): Promise<unknown> {
    const { flags } = await this.parse(Configure);
    const globals = this.globals(flags);
    const release = flags.bundle === undefined ? undefined : await bundledRelease(flags.bundle, globals);
    const interactive = mayAsk(globals);
    const sources = await answerSourcesForWriting(flags, globals);
    const draft = checkedDraft(sources);
    tellMigrated(draft, sources.file, "file", globals);
    const missing = interactive ? [] : missingFields(draft);
    if (missing.length > 0)
      throw missingProblem(
        missing,
        "Give the flags or set the variables that are named above, or run this on a terminal without --yes: then it asks.",
      );
    if (!interactive && !globals.yes) {
      throw new Problem("USAGE", {
        what: "there is no terminal to ask questions on",
        fix: "Nothing is missing: pass --yes to write these answers without being asked.",
      });
    }
    const path = globals.answers ?? defaultAnswersFile;
    const ports = await configurePorts(globals, interactive, release);
    const result = await configure({ sources, path, dryRun: globals.dryRun }, ports, globals.signal);
    return this.present(result, configurePresenter);
  }
}
