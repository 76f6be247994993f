import { confirm, input, select } from "@inquirer/prompts";
import { Problem } from "../domain/errors/problem.ts";
import type { Prompter } from "../ports/prompter.ts";

/** Asks on the terminal: questions go to stderr, so that stdout carries the result only. */
export function createPrompter(signal: AbortSignal): Prompter {
  const context = { output: process.stderr, signal, clearPromptOnDone: false };
  return {
    text: ({ message, default: suggestion, clearable, check }) =>
      asked(signal, () =>
        input(
          {
            message,
            ...(suggestion === undefined
              ? {}
              : { default: suggestion, prefill: clearable === true ? ("editable" as const) : ("tab" as const) }),
            validate: async (answer) => (await check(answer)) ?? true,
          },
          context,
        ),
      ),
    choose: ({ message, choices, default: suggestion }) =>
      asked(signal, () =>
        select(
          {
            message,
            choices: choices.map(({ value, name, description }) => ({
              value,
              name: description === undefined ? name : `${name}  (${description})`,
              short: name,
            })),
            ...(suggestion === undefined ? {} : { default: suggestion }),
            loop: false,
          },
          context,
        ),
      ),
    confirm: ({ message, default: suggestion }) => asked(signal, () => confirm({ message, default: suggestion }, context)),
    tell: (text) => void process.stderr.write(`  ${text}\n`),
  };
}

async function asked<T>(signal: AbortSignal, prompt: () => Promise<T>): Promise<T> {
  if (process.stdin.isTTY !== true) {
    throw new Problem("USAGE", {
      what: "there is no terminal to ask questions on",
      fix: "Pass the answers as flags or in --answers FILE, with --yes.",
    });
  }
  try {
    return await prompt();
  } catch (cause) {
    if (signal.aborted) throw signal.reason;
    if (cause instanceof Error && (cause.name === "ExitPromptError" || cause.name === "AbortPromptError")) {
      throw new Problem("CANCELLED", { what: "stopped at a question; nothing was written", fix: "Run the same command again." });
    }
    throw cause;
  }
}
