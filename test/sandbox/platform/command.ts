import { spawn } from "node:child_process";
import type { Readable } from "node:stream";

/** How a host program is run. */
export interface CommandOptions {
  readonly signal?: AbortSignal | undefined;
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
}

/** A host program that failed: what was run and the end of what it said. */
class CommandFailed extends Error {
  constructor(argv: readonly string[], status: number | NodeJS.Signals | null, stderr: string) {
    super(`${argv.join(" ").slice(0, 200)} ended with ${status}: ${stderr.trim().slice(-1500)}`);
    this.name = "CommandFailed";
  }
}

/** Starts a program whose stdout is consumed by the caller; `done` settles when it has ended, with CommandFailed on a bad status. */
export function start(argv: readonly string[], options: CommandOptions = {}): { readonly stdout: Readable; readonly done: Promise<void> } {
  const [program, ...args] = argv as readonly [string, ...string[]];
  const child = spawn(program, args, {
    cwd: options.cwd,
    env: { ...process.env, LC_ALL: "C", ...options.env },
    stdio: ["ignore", "pipe", "pipe"],
    signal: options.signal,
  });
  let stderr = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    stderr = (stderr + text).slice(-8000);
  });
  const done = new Promise<void>((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (status, signal) => (status === 0 ? resolve() : reject(new CommandFailed(argv, status ?? signal, stderr))));
  });
  return { stdout: child.stdout, done };
}

/** Runs a program to its end and returns its stdout. Throws CommandFailed on a bad status. */
export async function run(argv: readonly string[], options: CommandOptions = {}): Promise<string> {
  const { stdout, done } = start(argv, options);
  const chunks: Buffer[] = [];
  stdout.on("data", (chunk: Buffer) => chunks.push(chunk));
  await done;
  return Buffer.concat(chunks).toString("utf8");
}
