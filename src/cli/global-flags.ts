import * as Flags from "@oclif/core/flags";
import { parseDuration } from "../domain/duration.ts";
import { Problem } from "../domain/errors/problem.ts";
import type { OwnedProgress } from "./compose/progress.ts";
import { logLevels } from "./modes.ts";

/** The flags that every command has, declared once. */
export const globalFlags = {
  namespace: Flags.string({
    char: "n",
    description: "namespace of the release",
    helpGroup: "GLOBAL",
    env: "MIGRATECTL_NAMESPACE",
    helpValue: "NAME",
  }),
  context: Flags.string({ description: "context of the kubeconfig", helpGroup: "GLOBAL", env: "MIGRATECTL_CONTEXT", helpValue: "NAME" }),
  kubeconfig: Flags.string({
    description: "kubeconfig file (default: $KUBECONFIG, then ~/.kube/config)",
    helpGroup: "GLOBAL",
    env: "MIGRATECTL_KUBECONFIG",
    helpValue: "FILE",
  }),
  answers: Flags.string({
    char: "a",
    description: "answers file, as `configure` writes it",
    helpGroup: "GLOBAL",
    env: "MIGRATECTL_ANSWERS",
    helpValue: "FILE",
  }),
  yes: Flags.boolean({
    char: "y",
    description: "ask nothing: take defaults, fail on what is missing",
    helpGroup: "GLOBAL",
    env: "MIGRATECTL_YES",
  }),
  "dry-run": Flags.boolean({
    description: "show what would be done, change nothing",
    helpGroup: "GLOBAL",
    env: "MIGRATECTL_DRY_RUN",
  }),
  json: Flags.boolean({
    description: "print the result, or the error, as one JSON document (docs/schemas)",
    helpGroup: "GLOBAL",
    env: "MIGRATECTL_JSON",
  }),
  "log-level": Flags.option({
    options: logLevels,
    default: "info" as const,
    description: "how much goes to stderr; debug adds stack traces",
    helpGroup: "GLOBAL",
    env: "MIGRATECTL_LOG_LEVEL",
    helpValue: logLevels.join("|"),
  })(),
  "no-color": Flags.boolean({
    description: "no colours (also NO_COLOR, or when there is no terminal)",
    helpGroup: "GLOBAL",
    env: "MIGRATECTL_NO_COLOR",
  }),
  timeout: Flags.custom<number>({
    description: "longest time for the whole command, such as 90s, 20m or 1h",
    helpGroup: "GLOBAL",
    env: "MIGRATECTL_TIMEOUT",
    helpValue: "DURATION",
    parse: async (text) => {
      const milliseconds = parseDuration(text);
      if (milliseconds === undefined)
        throw new Problem("USAGE", { what: "--timeout is not a duration", fix: "Write it as 90s, 20m or 1h30m." });
      return milliseconds;
    },
  })(),
};

/** The parsed global flags, in the words of the core. */
export interface Globals {
  readonly context?: string | undefined;
  readonly namespace?: string | undefined;
  readonly kubeconfig?: string | undefined;
  readonly answers?: string | undefined;
  readonly yes: boolean;
  readonly dryRun: boolean;
  readonly json: boolean;
  readonly logLevel: (typeof logLevels)[number];
  /** Colours on stderr and in text results. */
  readonly color: boolean;
  /** Aborts on Ctrl-C, SIGTERM, SIGHUP and when --timeout has passed; its reason is a Problem. */
  readonly signal: AbortSignal;
  /** Where progress goes: stderr, live on a terminal and plain lines elsewhere. */
  readonly progress: Pick<OwnedProgress, "tell" | "ask">;
}
