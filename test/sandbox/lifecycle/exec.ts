import { spawn } from "node:child_process";
import { constants } from "node:os";
import { join } from "node:path";
import type { SandboxDocument } from "../document.ts";
import { attempt, type Outcome } from "../run.ts";
import { toolPath } from "./up.ts";

/** Whose kubeconfig a command inside the sandbox gets. */
export type ActingUser = keyof SandboxDocument["kubeconfigs"];

/** The command that runs `argv` on the sandbox's network and with its mounts, as a process of the machine's own PID namespace. */
export const insideArgv = (
  sandbox: SandboxDocument,
  argv: readonly string[],
  cwd: string = process.cwd(),
): readonly [string, ...string[]] => [
  "nsenter",
  `--target=${sandbox.pid}`,
  ...(sandbox.mode === "cluster" ? ["--net"] : []),
  "--mount",
  `--wdns=${cwd}`,
  // The sandbox's /proc belongs to its own PID namespace; this process needs the one in which it exists.
  ...["unshare", "--mount", "--propagation=private", "sh", "-c", 'mount -t proc proc /proc && exec "$@"', "sandbox"],
  ...argv,
];

/** The environment of a command inside the sandbox: the toolchain on PATH, and KUBECONFIG. */
export const insideEnv = (sandbox: SandboxDocument, user: ActingUser = "admin"): NodeJS.ProcessEnv => ({
  ...process.env,
  ...toolPath(sandbox.binDir),
  KUBECONFIG: sandbox.kubeconfigs[user],
  // Every sandbox has the same address: what kubectl and helm remember about one's API must not be believed of the next.
  KUBECACHEDIR: join(sandbox.stateDir, "kubectl-cache"),
});

/** Runs a command inside the sandbox and collects its output, whatever its exit code. */
export const attemptInside = (
  sandbox: SandboxDocument,
  argv: readonly string[],
  options: {
    readonly input?: string;
    readonly user?: ActingUser;
    readonly cwd?: string;
    readonly env?: NodeJS.ProcessEnv;
    readonly signal?: AbortSignal;
  } = {},
): Promise<Outcome> => {
  const { input, user, cwd, env, signal } = options;
  return attempt(insideArgv(sandbox, argv, cwd), {
    env: { ...insideEnv(sandbox, user), ...env },
    ...(input !== undefined && { input }),
    ...(signal && { signal }),
  });
};

/** Runs a command inside the sandbox and gives its stdout; throws with its stderr when it fails. */
export const runInside = async (...call: Parameters<typeof attemptInside>): Promise<string> => {
  const { code, stdout, stderr } = await attemptInside(...call);
  if (code !== 0) throw new Error(`${call[1].join(" ")} ended with ${code}\n${stderr || stdout}`);
  return stdout;
};

/** Runs a command inside the sandbox on this process's own terminal and gives its exit code, 128 + n when signal n ended it. */
export const execInside = (sandbox: SandboxDocument, argv: readonly string[], user: ActingUser): Promise<number> =>
  new Promise((resolve, reject) => {
    const [file, ...args] = insideArgv(sandbox, argv);
    const child = spawn(file, args, { stdio: "inherit", env: insideEnv(sandbox, user) });
    // The command gets the signals of the terminal itself; those sent to this process alone are passed on.
    const passOn = (signal: NodeJS.Signals): void => {
      child.kill(signal);
    };
    const ignore = (): void => undefined;
    process.on("SIGINT", ignore);
    process.on("SIGTERM", passOn);
    child.once("error", reject);
    child.once("exit", (code, signal) => {
      process.off("SIGINT", ignore);
      process.off("SIGTERM", passOn);
      resolve(code ?? 128 + (signal ? constants.signals[signal] : 0));
    });
  });
