import semver from "semver";
import { Problem } from "../../domain/errors/problem.ts";
import type { Connection } from "../kubernetes/connection.ts";
import type { Environment } from "../node/program-environment.ts";
import { versionArgs } from "./commands.ts";
import { helmEnvironment } from "./environment.ts";
import { locateHelm } from "./locate.ts";
import { helmProblem } from "./problems.ts";
import { type Ended, runHelm } from "./run.ts";

/** Oldest helm that knows everything that the command lines and the chart use. */
const oldest = "3.14.0";

/** Milliseconds for what only reads or renders. */
const readDeadline = 120_000;

/** Exit statuses with which a system says that what it was to run is no program (a file for another machine, say). */
const [cannotExecute, notFound] = [126, 127];

/** How helm is found and run. */
export interface RendererOptions {
  readonly environment: Environment;
  /** Variables that the answers name as the place of a secret; helm does not get them. */
  readonly secrets?: readonly string[];
  /** Gives the path of the helm that the bundle carries; asked when there is no other. */
  readonly carried?: (() => Promise<string>) | undefined;
  /** Told the command line and the output of every run (values and manifests excepted), for the run directory. */
  readonly log?: (text: string) => Promise<void>;
}

/** One command line of helm. */
export interface Call {
  readonly args: readonly string[];
  readonly input?: string;
  /** True: what it prints does not go into the log. */
  readonly quiet?: boolean;
  /** Milliseconds; two minutes unless told otherwise. */
  readonly deadline?: number;
}

/** The helm program of this host: looked for once, and its version asked once. */
export class Binary {
  private readonly options: RendererOptions;
  private readonly environment: Readonly<Record<string, string>>;
  private located: Promise<string> | undefined;
  private checked: Promise<string> | undefined;

  constructor(options: RendererOptions, connection: Connection | undefined) {
    this.options = options;
    this.environment = helmEnvironment(options.environment, options.secrets ?? [], connection);
  }

  /** Its version, `4.3.0`. @throws Problem HELM_MISSING, HELM_TOO_OLD */
  version(signal: AbortSignal): Promise<string> {
    this.checked ??= this.askVersion(signal);
    return this.checked;
  }

  /** Runs helm to its end, whatever its exit status. Throws as {@link runHelm}. */
  async run({ args, input = "", quiet = false, deadline = readDeadline }: Call, signal: AbortSignal): Promise<Ended> {
    const ended = await runHelm({ binary: await this.path(), args, environment: this.environment, input, deadline }, signal);
    await this.options.log?.(`$ helm ${args.join(" ")}\n${quiet ? "" : ended.stdout}${ended.stderr}exit ${ended.code}\n`);
    return ended;
  }

  /** What helm prints. @throws Problem HELM_*, CHART_REFUSED, CLUSTER_* when it ends with an error */
  async succeed(call: Call, signal: AbortSignal): Promise<string> {
    const ended = await this.run(call, signal);
    if (ended.code !== 0) throw await this.explain(call.args[0] ?? "", ended, signal);
    return ended.stdout;
  }

  /** A helm that is too old fails on flags it does not know: that, then, is the error to tell. */
  async explain(doing: string, ended: Ended, signal: AbortSignal): Promise<Problem> {
    if (/unknown (shorthand )?flag|unknown command/.test(ended.stderr)) await this.version(signal);
    if (ended.code === cannotExecute || ended.code === notFound)
      return new Problem("HELM_MISSING", { what: `${await this.path()} is no program for this machine` });
    return helmProblem(doing, ended.stderr);
  }

  private path(): Promise<string> {
    this.located ??= locateHelm(this.options.environment, this.options.carried);
    return this.located;
  }

  private async askVersion(signal: AbortSignal): Promise<string> {
    const { code, stdout } = await this.run({ args: versionArgs }, signal);
    const found = semver.coerce(stdout)?.version;
    if (code !== 0 || found === undefined)
      throw new Problem("HELM_MISSING", { what: `${await this.path()} does not tell a version; it is not helm` });
    if (semver.lt(found, oldest))
      throw new Problem("HELM_TOO_OLD", { what: `${await this.path()} is helm ${found}; ${oldest} or newer is needed` });
    return found;
  }
}
