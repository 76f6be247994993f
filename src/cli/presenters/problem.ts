import type { Problem } from "../../domain/errors/problem.ts";
import { exitCodes } from "../../domain/exit-code.ts";
import type { Style } from "./style.ts";

/** The error as people read it on stderr: code and what, why, fix, and the causes in one line each. */
export function problemText(problem: Problem, style: Style, withStack: boolean): string {
  const lines = [
    `${style.red(style.bold("error"))} ${style.bold(problem.code)}  ${problem.message}`,
    `  why  ${problem.why}`,
    `  fix  ${problem.fix}`,
  ];
  for (const cause of causes(problem))
    lines.push(style.dim(`  from ${withStack ? (cause.stack ?? cause.message) : firstLine(cause.message)}`));
  return `${lines.join("\n")}\n`;
}

/** The error as the one document of --json. */
export function problemJson(problem: Problem): unknown {
  return {
    error: {
      code: problem.code,
      what: problem.message,
      why: problem.why,
      fix: problem.fix,
      exit: exitCodes[problem.exit].code,
      ...(Object.keys(problem.data).length > 0 ? { data: problem.data } : {}),
    },
  };
}

function* causes(problem: Error): Generator<Error> {
  for (let next = problem.cause; next instanceof Error; next = next.cause)
    if (next.message !== "" && !problem.message.includes(next.message)) yield next;
}

function firstLine(text: string): string {
  return text.split("\n", 1)[0] ?? "";
}
