import { spawn } from "node:child_process";

/** How a command ended. */
export type Outcome = {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
};

/** Runs a command and collects what it printed, whatever its exit code; throws when it cannot be started or `signal` aborts it. */
export const attempt = (
  argv: readonly [string, ...string[]],
  options: {
    readonly input?: string | Buffer;
    readonly env?: NodeJS.ProcessEnv;
    readonly cwd?: string;
    readonly signal?: AbortSignal;
    readonly onLine?: (line: string) => void;
  } = {},
): Promise<Outcome> =>
  new Promise((resolve, reject) => {
    const [file, ...args] = argv;
    const child = spawn(file, args, {
      stdio: [options.input === undefined ? "ignore" : "pipe", "pipe", "pipe"],
      ...(options.env && { env: options.env }),
      ...(options.cwd && { cwd: options.cwd }),
      ...(options.signal && { signal: options.signal }),
    });
    const collected = { stdout: "", stderr: "" };
    let partial = "";
    for (const name of ["stdout", "stderr"] as const) {
      const stream = child[name];
      stream?.setEncoding("utf8");
      stream?.on("data", (chunk: string) => {
        collected[name] += chunk;
        if (!options.onLine) return;
        const lines = (partial + chunk).split("\n");
        partial = lines.pop() ?? "";
        for (const line of lines) options.onLine(line);
      });
    }
    child.once("error", reject);
    child.once("close", (code, killedBy) => {
      if (killedBy) reject(new Error(`${argv.join(" ")} was ended by ${killedBy}\n${collected.stderr}`));
      else resolve({ code: code ?? 1, ...collected });
    });
    if (child.stdin && options.input !== undefined) {
      child.stdin.on("error", reject);
      child.stdin.end(options.input);
    }
  });

/** Runs a command and gives what it printed on stdout; throws with its stderr when it ends with another code than 0. */
export const run = async (...call: Parameters<typeof attempt>): Promise<string> => {
  const outcome = await attempt(...call);
  if (outcome.code !== 0) {
    throw new Error(`${call[0].join(" ")} ended with ${outcome.code}\n${outcome.stderr || outcome.stdout}`);
  }
  return outcome.stdout;
};
