import { styleText } from "node:util";
import { confirm, input, select } from "@inquirer/prompts";
import { Problem } from "../domain/errors/problem.ts";
import { type Prompter, StepBack } from "../ports/prompter.ts";
import { choiceLines } from "./choice-lines.ts";
import { wrapped } from "./wrapped.ts";

/** Columns of a terminal that does not tell how wide it is. */
const usualWidth = 80;

/**
 * Asks on the terminal: questions go to stderr (or `output`, within a live view), so that stdout carries the result only. With `back` the Esc key goes back one question:
 * the question then rejects with StepBack.
 */
export function createPrompter(
  signal: AbortSignal,
  { back = false, output = process.stderr }: { readonly back?: boolean; readonly output?: NodeJS.WritableStream } = {},
): Prompter {
  const asked = asker(signal, back, output);
  return {
    text: ({ message, hint, default: suggestion, clearable, check }) =>
      asked((context) =>
        input(
          {
            message,
            theme: theme(hint),
            ...(suggestion === undefined
              ? {}
              : { default: suggestion, prefill: clearable === true ? ("editable" as const) : ("tab" as const) }),
            transformer: (line, { isFinal }) => (isFinal ? paint("cyan", line === "" ? "none" : line) : line),
            validate: async (answer) => (await check(answer)) ?? true,
          },
          context,
        ),
      ),
    choose: ({ message, hint, choices, default: suggestion }) => {
      const lines = choiceLines(choices, width());
      return asked((context) =>
        select(
          {
            message,
            theme: theme(hint),
            choices: choices.map(({ value, name }, index) => ({ value, name: lines[index] ?? name, short: name })),
            ...(suggestion === undefined ? {} : { default: suggestion }),
            loop: false,
          },
          context,
        ),
      );
    },
    confirm: ({ message, hint, default: suggestion }) =>
      asked((context) => confirm({ message, theme: theme(hint), default: suggestion }, context)),
    tell: (text) => void process.stderr.write(`${wrapped(`  ${text}`, width(), 2)}\n`),
  };
}

/** What every kind of question takes beside its own: where it writes, and what ends it early. */
interface Context {
  readonly output: NodeJS.WritableStream;
  readonly signal: AbortSignal;
  readonly clearPromptOnDone: boolean;
}

function asker(
  signal: AbortSignal,
  back: boolean,
  output: NodeJS.WritableStream,
): <T>(prompt: (context: Context) => Promise<T>) => Promise<T> {
  return async (prompt) => {
    if (process.stdin.isTTY !== true) {
      throw new Problem("USAGE", {
        what: "there is no terminal to ask questions on",
        fix: "Pass the answers as flags or in --answers FILE, with --yes.",
      });
    }
    const wayBack = new AbortController();
    const listen = (_text: unknown, key: { readonly name?: string } | undefined) => {
      if (key?.name === "escape") wayBack.abort();
    };
    if (back) process.stdin.on("keypress", listen);
    try {
      return await prompt({
        output,
        signal: AbortSignal.any([signal, wayBack.signal]),
        // Read when the question ends: one that was left by Esc does not stay on the screen.
        get clearPromptOnDone() {
          return wayBack.signal.aborted;
        },
      });
    } catch (cause) {
      if (signal.aborted) throw signal.reason;
      if (wayBack.signal.aborted) throw new StepBack();
      if (cause instanceof Error && (cause.name === "ExitPromptError" || cause.name === "AbortPromptError")) {
        throw new Problem("CANCELLED", { what: "stopped at a question; nothing was written", fix: "Run the same command again." });
      }
      throw cause;
    } finally {
      process.stdin.off("keypress", listen);
    }
  };
}

function theme(hint: string | undefined) {
  return {
    style: {
      message: (text: string, status: string) =>
        paint("bold", text) + (hint === undefined || status === "done" ? "" : paint("dim", ` (${hint})`)),
      defaultAnswer: (text: string) => paint("dim", `[${text}]`),
      error: (text: string) => paint("red", wrapped(`> ${text}`, width(), 2)),
    },
  };
}

/** Colours as stderr takes them, where the questions are. */
function paint(format: "bold" | "dim" | "cyan" | "red", text: string): string {
  return styleText(format, text, { stream: process.stderr });
}

function width(): number {
  return (process.stderr.columns ?? usualWidth) - 1;
}
