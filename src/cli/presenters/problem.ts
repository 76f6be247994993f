import type { ErrorCode } from "../../domain/errors/catalogue.ts";
import type { Problem } from "../../domain/errors/problem.ts";
import { exitCodes } from "../../domain/exit-code.ts";
import { fold, type Style } from "./style.ts";

/** The code of a mistake of ours. */
export const bugCode = "BUG";

/** What a mistake of ours is told as; it has no entry in the catalogue, because nobody but us can mend it. */
const bug = {
  code: bugCode,
  why: "This is a mistake in migratectl, not in what you did.",
  fix: "Run it again with --log-level debug and send the output to the vendor's support.",
} as const;

/** The document that a failed command prints under --json; error-schema.ts publishes it. */
export interface ErrorDocument {
  readonly error: {
    readonly code: ErrorCode | typeof bugCode;
    readonly what: string;
    readonly why: string;
    readonly fix: string;
    readonly exit: number;
    readonly data?: Readonly<Record<string, unknown>>;
  };
}

/**
 * The error as people read it on stderr: code and what, why, fix, and each cause that says something new. Prose is folded at the terminal's
 * width; a fix is not, because half of a folded command would run when it is copied.
 */
export function problemText(problem: Problem, style: Style, withStack: boolean): string {
  const lines = [
    `${style.red(style.bold("error"))} ${style.bold(problem.code)}  ${folded(plainWords(problem.message), `error ${problem.code}  `.length, style)}`,
    `  why  ${folded(plainWords(problem.why), prose, style)}`,
    `  fix  ${problem.fix}`,
    ...causes(problem).map((cause) =>
      style.dim(`  from ${withStack ? (cause.stack ?? cause.message) : plainWords(firstLine(cause.message))}`),
    ),
    ...(withStack && problem.stack !== undefined ? [style.dim(`  at   ${framesOf(problem.stack)}`)] : []),
  ];
  return `${lines.join("\n")}\n`;
}

/** The error as the one document of --json. */
export function problemJson(problem: Problem): ErrorDocument {
  return {
    error: {
      code: problem.code,
      what: plainWords(problem.message),
      why: plainWords(problem.why),
      fix: problem.fix,
      exit: exitCodes[problem.exit].code,
      ...(Object.keys(problem.data).length > 0 ? { data: { ...problem.data } } : {}),
    },
  };
}

/** A mistake of ours as people read it. */
export function bugText(error: unknown, style: Style, withStack: boolean): string {
  const text = withStack && error instanceof Error ? (error.stack ?? error.message) : messageOf(error);
  return `${style.red(style.bold("error"))} ${style.bold(bug.code)}  ${text}\n  why  ${bug.why}\n  fix  ${bug.fix}\n`;
}

/** A mistake of ours as the one document of --json. */
export function bugJson(error: unknown): ErrorDocument {
  return { error: { code: bug.code, what: messageOf(error), why: bug.why, fix: bug.fix, exit: exitCodes.bug.code } };
}

/** Columns before the text of why, fix and from. */
const prose = 7;

/** A text that begins in column `start`, its lines folded below their label; lines of its own keep their indentation. */
function folded(text: string, start: number, { columns }: Style): string {
  const [first = "", ...more] = text.split("\n");
  if (start + first.length <= columns) return text;
  const [head = "", ...rest] = fold(first, columns - start);
  const tail = fold(rest.join(" "), columns - prose).map((line) => `${" ".repeat(prose)}${line}`);
  return [head, ...tail, ...more].join("\n");
}

/** The chain of causes without those that only repeat what was told before. */
function causes(problem: Problem): readonly Error[] {
  const told = [plainWords(problem.message), plainWords(problem.why)];
  const found: Error[] = [];
  for (let next = problem.cause; next instanceof Error; next = next.cause) {
    const text = plainWords(firstLine(next.message));
    if (text === "" || told.some((one) => one.toLowerCase().includes(text.toLowerCase()))) continue;
    told.push(text);
    found.push(next);
  }
  return found;
}

/** What Node says as "ENOENT: no such file or directory, open 'x'", without code, system call and path, which the sentence around it has. */
function plainWords(text: string): string {
  return text
    .replaceAll(/\bE[A-Z0-9]{2,}: ([a-z][a-z -]*), [a-z]+(?: '[^'\n]*')?(?: -> '[^'\n]*')?/g, "$1")
    .replaceAll("no such file or directory", "it does not exist");
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function framesOf(stack: string): string {
  return stack
    .split("\n")
    .filter((line) => /^\s+at /.test(line))
    .map((line) => line.trim().slice("at ".length))
    .join("\n       ");
}

function firstLine(text: string): string {
  return text.split("\n", 1)[0] ?? "";
}
