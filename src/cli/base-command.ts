import { Command } from "@oclif/core/command";
import { Problem } from "../domain/errors/problem.ts";
import { exitCodes } from "../domain/exit-code.ts";
import { type Called, calledFor, fixesAsCalled } from "./as-called.ts";
import { createProgress, type OwnedProgress } from "./compose/progress.ts";
import { deadline } from "./deadline.ts";
import { type Globals, globalFlags } from "./global-flags.ts";
import type { ParsedFlags } from "./load-answers.ts";
import { colorsWanted, logLevels, type Modes, peekModes } from "./modes.ts";
import type { Presenter } from "./presenters/presenter.ts";
import { createStyle } from "./presenters/style.ts";
import { tellError, writeJson } from "./tell-error.ts";
import type { FlagFacts } from "./usage.ts";
import { usageProblem } from "./usage-problem.ts";

/** What oclif's parser gives for {@link globalFlags}. */
type ParsedGlobals = {
  readonly [K in keyof typeof globalFlags]?: unknown;
};

/** What ends a command early, and how it is told. SIGHUP comes when the terminal or the ssh connection is gone. */
const endings = { SIGINT: "Ctrl-C", SIGTERM: "SIGTERM", SIGHUP: "SIGHUP (the terminal or connection was lost)" } as const;

/** Parse -> call -> present: every command is one of these, and holds nothing else. */
export abstract class BaseCommand extends Command {
  static override enableJsonFlag = true;
  static override baseFlags = globalFlags;

  private readonly controller = new AbortController();
  private readonly listeners = new Map<NodeJS.Signals, () => void>();
  private progress: OwnedProgress | undefined;
  private flags: ParsedFlags = {};
  private modes: Modes = peekModes(this.argv, process.env);

  /** Runs the command and tells how it ended; never rejects. */
  async execute(): Promise<void> {
    await this._run();
  }

  /** The global flags in the core's words; starts the --timeout clock and the handling of Ctrl-C, SIGTERM and SIGHUP. */
  protected globals(flags: ParsedGlobals): Globals {
    this.listenForSignals();
    this.flags = flags;
    const signals = [this.controller.signal];
    if (typeof flags.timeout === "number") signals.push(deadline(flags.timeout));
    const logLevel = logLevels.find((level) => level === flags["log-level"]) ?? "info";
    this.modes = { json: flags.json === true, noColor: flags["no-color"] === true, logLevel };
    const color = colorsWanted(this.modes, process.stderr);
    this.progress = createProgress({ live: color && !this.modes.json, silent: logLevel === "error" });
    return {
      context: text(flags.context),
      namespace: text(flags.namespace),
      kubeconfig: text(flags.kubeconfig),
      answers: text(flags.answers),
      yes: flags.yes === true,
      dryRun: flags["dry-run"] === true,
      json: this.modes.json,
      logLevel,
      color,
      signal: AbortSignal.any(signals),
      progress: this.progress,
    };
  }

  /**
   * Writes the result to stdout (text, or JSON under --json) and sets the exit status that the result means. The commands in its fixes are
   * those of this call.
   */
  protected async present<R>(seen: R, presenter: Presenter<R>): Promise<unknown> {
    const result = fixesAsCalled(seen, await this.called());
    await this.progress?.finish();
    process.exitCode = exitCodes[presenter.exit?.(result) ?? "ok"].code;
    if (this.modes.json) return presenter.schema.parse(presenter.json(result));
    const content = presenter.text(result, createStyle(colorsWanted(this.modes, process.stdout), process.stdout.columns));
    process.stdout.write(content.endsWith("\n") || content === "" ? content : `${content}\n`);
    return undefined;
  }

  /** Arguments come from the command line only: oclif would take a missing one from stdin, and eat the input of a script's loop. */
  protected override parse: Command["parse"] = async (options, argv) => {
    // Else oclif warns, under NODE_ENV=development, of every command line that is refused.
    this.parsed = true;
    const { flags = {}, baseFlags = {}, args } = options ?? {};
    const own = Object.entries({ ...args }).map(([name, arg]) => [name, Object.assign({ ignoreStdin: true }, arg)]);
    return super.parse({ flags, baseFlags, args: Object.fromEntries(own) } as NonNullable<typeof options>, argv);
  };

  override jsonEnabled(): boolean {
    return this.modes.json;
  }

  override async init(): Promise<void> {}

  override async catch(error: Error): Promise<void> {
    await this.progress?.finish();
    const { id = "", flags, args, baseFlags } = this.ctor;
    const usage = {
      name: id,
      flags: { ...flags, ...baseFlags } as Record<string, FlagFacts>,
      args,
      argv: this.argv,
      environment: process.env,
    };
    const told = usageProblem(error, usage) ?? error;
    tellError(told instanceof Problem ? await this.copyable(told) : told, this.modes);
  }

  override async finally(_: Error | undefined): Promise<void> {
    for (const [signal, listener] of this.listeners) process.off(signal, listener);
  }

  protected override logJson(document: unknown): void {
    writeJson(document);
  }

  private called(): Promise<Called> {
    return calledFor(this.flags, text(this.flags["answers"]));
  }

  /** The same error with commands in its fixes that fit this call. */
  private async copyable(problem: Problem): Promise<Problem> {
    const { code, message, why, cause, stack } = problem;
    const { fix, data } = fixesAsCalled({ fix: problem.fix, data: problem.data }, await this.called());
    return Object.assign(new Problem(code, { what: message, why, fix, data, cause }), { stack });
  }

  private listenForSignals(): void {
    for (const [signal, name] of Object.entries(endings) as [keyof typeof endings, string][]) {
      const listener = () => {
        if (this.controller.signal.aborted) process.exit(exitCodes.cancelled.code);
        this.controller.abort(new Problem("CANCELLED", { what: `stopped by ${name}` }));
      };
      this.listeners.set(signal, listener);
      process.on(signal, listener);
    }
  }
}

function text(value: unknown): string | undefined {
  return typeof value === "string" ? value : undefined;
}
