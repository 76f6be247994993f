import { Command } from "@oclif/core";
import { Problem } from "../domain/errors/problem.ts";
import { exitCodes } from "../domain/exit-code.ts";
import { createProgress, type OwnedProgress } from "./compose/progress.ts";
import { type Globals, globalFlags } from "./global-flags.ts";
import type { Presenter } from "./presenters/presenter.ts";
import { problemJson, problemText } from "./presenters/problem.ts";
import { createStyle } from "./presenters/style.ts";

/** What oclif's parser gives for {@link globalFlags}. */
type ParsedGlobals = {
  readonly [K in keyof typeof globalFlags]?: unknown;
};

/** Parse -> call -> present: every command is one of these, and holds nothing else. */
export abstract class BaseCommand extends Command {
  static override enableJsonFlag = true;
  static override baseFlags = globalFlags;

  private readonly controller = new AbortController();
  private progress: OwnedProgress | undefined;

  /** The global flags in the core's words; starts the --timeout clock and the handling of Ctrl-C and SIGTERM. */
  protected globals(flags: ParsedGlobals): Globals {
    this.listenForSignals();
    const signals = [this.controller.signal];
    if (typeof flags.timeout === "number") signals.push(deadline(flags.timeout));
    const logLevel = globalLogLevel(flags["log-level"]);
    const color = colorsWanted(flags["no-color"] === true);
    this.progress = createProgress({ live: color && !this.jsonEnabled(), silent: logLevel === "error" });
    return {
      context: text(flags.context),
      namespace: text(flags.namespace),
      kubeconfig: text(flags.kubeconfig),
      answers: text(flags.answers),
      yes: flags.yes === true,
      dryRun: flags["dry-run"] === true,
      json: this.jsonEnabled(),
      logLevel,
      color,
      signal: AbortSignal.any(signals),
      progress: this.progress,
    };
  }

  /** Writes the result to stdout (text, or JSON under --json) and sets the exit status that the result means. */
  protected async present<R>(result: R, presenter: Presenter<R>): Promise<unknown> {
    await this.progress?.finish();
    process.exitCode = exitCodes[presenter.exit?.(result) ?? "ok"].code;
    if (this.jsonEnabled()) return presenter.schema.parse(presenter.json(result));
    const content = presenter.text(result, createStyle(colorsWanted(this.argv.includes("--no-color"), process.stdout)));
    process.stdout.write(content.endsWith("\n") || content === "" ? content : `${content}\n`);
    return undefined;
  }

  override async catch(error: Error & { readonly oclif?: { readonly exit?: number } }): Promise<void> {
    await this.progress?.finish();
    const debug = this.argv.some(
      (argument, index) => argument === "--log-level=debug" || (argument === "--log-level" && this.argv[index + 1] === "debug"),
    );
    const problem = toProblem(error);
    process.exitCode = problem === undefined ? exitCodes.bug.code : exitCodes[problem.exit].code;
    if (this.jsonEnabled()) return this.logJson(problem === undefined ? bugJson(error) : problemJson(problem));
    const style = createStyle(colorsWanted(this.argv.includes("--no-color")));
    process.stderr.write(problem === undefined ? bugText(error, debug) : problemText(problem, style, debug));
  }

  private listenForSignals(): void {
    const cancel = (name: string) => () => {
      if (this.controller.signal.aborted) process.exit(exitCodes.cancelled.code);
      this.controller.abort(new Problem("CANCELLED", { what: `stopped by ${name}` }));
    };
    process.on("SIGINT", cancel("Ctrl-C"));
    process.on("SIGTERM", cancel("SIGTERM"));
  }
}

function deadline(milliseconds: number): AbortSignal {
  const controller = new AbortController();
  const what = `--timeout of ${Math.round(milliseconds / 1000)} s has passed`;
  setTimeout(() => controller.abort(new Problem("DEADLINE", { what })), milliseconds).unref();
  return controller.signal;
}

function toProblem(error: Error & { readonly oclif?: { readonly exit?: number } }): Problem | undefined {
  if (error instanceof Problem) return error;
  if (error.oclif?.exit === exitCodes.usage.code) return new Problem("USAGE", { what: usageText(error.message), cause: error });
  return undefined;
}

/** oclif ends its parse errors with "See more help with --help", which our fix says already. */
function usageText(message: string): string {
  return message.replace(/\n?See more help with --help$/, "").replaceAll("\n", "; ");
}

function bugText(error: Error, debug: boolean): string {
  return `error BUG  ${debug ? (error.stack ?? error.message) : error.message}\n  why  This is a mistake in migratectl, not in what you did.\n  fix  Run it again with --log-level debug and send the output to the vendor's support.\n`;
}

function bugJson(error: Error): unknown {
  return {
    error: {
      code: "BUG",
      what: error.message,
      why: "This is a mistake in migratectl.",
      fix: "Run it again with --log-level debug and send the output to the vendor's support.",
      exit: exitCodes.bug.code,
    },
  };
}

function colorsWanted(switchedOff: boolean, stream: NodeJS.WriteStream = process.stderr): boolean {
  return !switchedOff && (process.env["NO_COLOR"] ?? "") === "" && stream.isTTY === true && process.env["TERM"] !== "dumb";
}

function text(value: unknown): string | undefined {
  return typeof value === "string" ? value : undefined;
}

function globalLogLevel(value: unknown): Globals["logLevel"] {
  return value === "error" || value === "warn" || value === "debug" ? value : "info";
}
