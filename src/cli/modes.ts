/** The levels of --log-level. */
export const logLevels = ["error", "warn", "info", "debug"] as const;

/** How a command talks, whatever it does. */
export interface Modes {
  readonly json: boolean;
  readonly noColor: boolean;
  readonly logLevel: (typeof logLevels)[number];
}

/** How to talk before the command line is parsed, or when it cannot be: what is plainly there counts. */
export function peekModes(argv: readonly string[], environment: Readonly<Record<string, string | undefined>>): Modes {
  const end = argv.indexOf("--");
  const flags = end === -1 ? argv : argv.slice(0, end);
  const at = flags.indexOf("--log-level");
  const level =
    flags.find((flag) => flag.startsWith("--log-level="))?.slice("--log-level=".length) ?? (at === -1 ? undefined : flags[at + 1]);
  return {
    json: flags.includes("--json") || isTruthy(environment["MIGRATECTL_JSON"]),
    noColor: flags.includes("--no-color") || isTruthy(environment["MIGRATECTL_NO_COLOR"]),
    logLevel: logLevels.find((one) => one === (level ?? environment["MIGRATECTL_LOG_LEVEL"])) ?? "info",
  };
}

/** Whether a stream gets colours: a terminal that can show them, and nobody said no (NO_COLOR, --no-color). */
export function colorsWanted({ noColor }: Pick<Modes, "noColor">, stream: NodeJS.WriteStream): boolean {
  return !noColor && (process.env["NO_COLOR"] ?? "") === "" && stream.isTTY === true && process.env["TERM"] !== "dumb";
}

/** As the parser reads boolean variables. */
function isTruthy(text: string | undefined): boolean {
  return ["1", "true", "y", "yes"].includes((text ?? "").toLowerCase());
}
