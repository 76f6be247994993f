import { writeFile } from "node:fs/promises";
import * as Flags from "@oclif/core/flags";
import { Problem } from "../../domain/errors/problem.ts";
import { runPreflight } from "../../workflow/preflight/preflight.ts";
import { answerFlags } from "../answer-flags.ts";
import { BaseCommand } from "../base-command.ts";
import { preflightPorts } from "../compose/preflight.ts";
import { registryReading } from "../compose/registry.ts";
import { openRelease } from "../compose/render.ts";
import { preflightAnswers } from "../preflight-answers.ts";
import { preflightPresenter } from "../presenters/preflight.ts";
import { parseSkips, skipFlags } from "../skip-flags.ts";

/** `migratectl preflight`: would an installation work on this cluster, from this host, with these answers? */
export default class Preflight extends BaseCommand {
  static override summary = "look for everything that would make an installation fail, before anything is touched";
  static override description =
    "Reads the cluster, the registry and this host, and changes nothing. Every check runs and every finding is told: pass, warn, fail, or unknown where something may not be read. " +
    "Ends with 3 when a check failed that is not skipped. Answers that are not given yet take their defaults.";
  static override examples = [
    "<%= config.bin %> <%= command.id %> --profile small",
    "<%= config.bin %> <%= command.id %> --bundle migrate-platform-1.0.0.bundle --answers migratectl.yaml",
    "<%= config.bin %> <%= command.id %> --context prod --registry registry.client.example/platform --registry-username ci --registry-password-file ./password --json",
    '<%= config.bin %> <%= command.id %> --answers migratectl.yaml --skip-check "storage-room=checked with the storage team"',
  ];
  static override flags = {
    ...answerFlags,
    ...skipFlags,
    bundle: Flags.string({ description: "bundle of the release to judge for", helpValue: "FILE", env: "MIGRATECTL_BUNDLE" }),
    "save-facts": Flags.string({
      description: "write everything that was read to a JSON file (holds names and sizes, no secret)",
      helpValue: "FILE",
    }),
  };

  async run(): Promise<unknown> {
    const { flags } = await this.parse(Preflight);
    const globals = this.globals(flags);
    const skips = parseSkips(flags["skip-check"]);
    const { answers, undecided } = await preflightAnswers(flags, globals);
    const staged = flags.bundle === undefined ? undefined : await openRelease({ kind: "bundle", path: flags.bundle }, globals.signal);
    try {
      const ports = await preflightPorts(globals, answers.cluster.context, staged);
      const registry = undecided.has("registry.host") ? undefined : await registryReading(answers, globals);
      const result = await runPreflight(ports, { answers, undecided, registry, release: staged?.release, skips }, globals.signal);
      if (flags["save-facts"] !== undefined) await save(flags["save-facts"], result.facts);
      return await this.present({ ...result, profile: answers.profile, release: staged?.release.version }, preflightPresenter);
    } finally {
      await staged?.close();
    }
  }
}

async function save(path: string, facts: unknown): Promise<void> {
  try {
    await writeFile(path, `${JSON.stringify(facts, null, 2)}\n`);
  } catch (cause) {
    throw new Problem("FILE_UNWRITABLE", {
      what: `the facts cannot be written to ${path}: ${cause instanceof Error ? cause.message : String(cause)}`,
      cause,
    });
  }
}
