import { type ChildProcess, type StdioOptions, spawn } from "node:child_process";
import type { Readable, Writable } from "node:stream";

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
  const child = spawnProgram(argv, ["ignore", "pipe", "pipe"], options);
  return { stdout: child.stdout as Readable, done: ended(child, argv) };
}

/** Runs a program to its end and returns its stdout. Throws CommandFailed on a bad status. */
export async function run(argv: readonly string[], options: CommandOptions = {}): Promise<string> {
  const { stdout, done } = start(argv, options);
  const chunks: Buffer[] = [];
  stdout.on("data", (chunk: Buffer) => chunks.push(chunk));
  await done;
  return Buffer.concat(chunks).toString("utf8");
}

/**
 * Runs a program whose stdin is what others write to their stdout, one after the other; none of it passes through this process.
 * Throws CommandFailed on a bad status, AggregateError when both sides end badly.
 */
export async function feed(
  consumer: readonly string[],
  producers: readonly (readonly string[])[],
  options: CommandOptions = {},
): Promise<void> {
  const reader = spawnProgram(consumer, ["pipe", "ignore", "pipe"], options);
  const stdin = reader.stdin as Writable;
  const write = async (): Promise<void> => {
    try {
      for (const argv of producers) await ended(spawnProgram(argv, ["ignore", stdin, "pipe"], options), argv);
    } finally {
      stdin.end();
    }
  };
  const outcomes = await Promise.allSettled([write(), ended(reader, consumer)]);
  const [first, ...more]: unknown[] = outcomes.flatMap((one) => (one.status === "rejected" ? [one.reason] : []));
  // Which of the two was to blame cannot be told from here.
  if (more.length > 0) throw new AggregateError([first, ...more], [first, ...more].map(String).join("; "));
  if (first !== undefined) throw first;
}

function spawnProgram(argv: readonly string[], stdio: StdioOptions, options: CommandOptions): ChildProcess {
  const [program = "", ...args] = argv;
  const env = { ...process.env, LC_ALL: "C", ...options.env };
  return spawn(program, args, { cwd: options.cwd, env, stdio, signal: options.signal });
}

async function ended(child: ChildProcess, argv: readonly string[]): Promise<void> {
  let stderr = "";
  child.stderr?.setEncoding("utf8").on("data", (text: string) => {
    stderr = (stderr + text).slice(-8000);
  });
  await new Promise<void>((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (status, signal) => (status === 0 ? resolve() : reject(new CommandFailed(argv, status ?? signal, stderr))));
  });
}
