import { spawn } from "node:child_process";
import { constants } from "node:os";
import { styleText } from "node:util";
import type { Site } from "./site.ts";

/** A shown command that ended with another code than 0. */
export class CommandEnded extends Error {
  readonly code: number;

  constructor(command: string, code: number) {
    super(`${command} ended with ${code}`);
    this.code = code;
  }
}

/** A heading between the demo's parts. */
export function heading(text: string): void {
  process.stdout.write(`\n${styleText("bold", `── ${text}`, { stream: process.stdout })}\n`);
}

/** Shows `migratectl …` as a person would type it, then runs it at the site on this terminal. @throws CommandEnded */
export async function runShown(site: Pick<Site, "env" | "command">, args: readonly string[]): Promise<void> {
  const typed = `migratectl ${args.join(" ")}`;
  process.stdout.write(`\n${styleText("cyan", `$ ${typed}`, { stream: process.stdout })}\n`);
  const [file, ...rest] = site.command(args);
  const code = await new Promise<number>((resolve, reject) => {
    const child = spawn(file, rest, { stdio: "inherit", env: site.env });
    child.once("error", reject);
    child.once("exit", (status, signal) => resolve(status ?? 128 + (signal === null ? 0 : constants.signals[signal])));
  });
  if (code !== 0) throw new CommandEnded(typed, code);
}
