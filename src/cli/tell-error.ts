import { Problem } from "../domain/errors/problem.ts";
import { exitCodes } from "../domain/exit-code.ts";
import { colorsWanted, type Modes } from "./modes.ts";
import { bugJson, bugText, problemJson, problemText } from "./presenters/problem.ts";
import { createStyle } from "./presenters/style.ts";

/** Ends the command with an error: text on stderr, or one document on stdout under --json, and the exit status that it means. Whatever is no Problem is a bug. */
export function tellError(error: unknown, modes: Modes): void {
  const problem = error instanceof Problem ? error : undefined;
  process.exitCode = exitCodes[problem?.exit ?? "bug"].code;
  if (modes.json) {
    writeJson(problem === undefined ? bugJson(error) : problemJson(problem));
    return;
  }
  const [style, debug] = [createStyle(colorsWanted(modes, process.stderr), process.stderr.columns), modes.logLevel === "debug"];
  process.stderr.write(problem === undefined ? bugText(error, style, debug) : problemText(problem, style, debug));
}

/** The one document of --json. */
export function writeJson(document: unknown): void {
  process.stdout.write(`${JSON.stringify(document, undefined, 2)}\n`);
}
