import { join } from "node:path";
import { type ActingUser, attemptInside, type SandboxDocument } from "../../sandbox/index.ts";

/** What the global setup hands to every end-to-end test: a running sandbox and a bundle of each release that was made. */
export interface E2eSite {
  readonly sandbox: SandboxDocument;
  readonly bundle: string;
  /** Empty folder for state, answers and outputs of the tests. */
  readonly scratch: string;
}

declare module "vitest" {
  interface ProvidedContext {
    readonly site: E2eSite;
  }
}

/** The project's folder. */
export const root = join(import.meta.dirname, "../../..");

/** The command line as a person runs it from a clone. */
export const cli = join(root, "bin/run.js");

/** How a command ended and what it wrote. */
export interface Ended {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** How a command ended, for a test that expected another end: the error it told, then the end of what it was doing. */
export function howItEnded({ code, stdout, stderr }: Ended): string {
  const lines = stderr.trimEnd().split("\n").slice(-25);
  return [`ended with ${code}`, ...lines, stdout.slice(0, 4000)].join("\n");
}

/** Runs `migratectl ARGS` inside the sandbox's network, as its admin or its namespaced user. */
export async function migratectl(
  site: E2eSite,
  args: readonly string[],
  options: { readonly user?: ActingUser; readonly env?: NodeJS.ProcessEnv; readonly signal?: AbortSignal } = {},
): Promise<Ended> {
  const { code, stdout, stderr } = await attemptInside(site.sandbox, [process.execPath, cli, ...args], {
    ...options,
    env: { XDG_STATE_HOME: join(site.scratch, "state"), ...options.env },
  });
  return { code: code ?? -1, stdout, stderr };
}

/** Runs kubectl inside the sandbox as its admin; throws when it fails. */
export async function kubectl(site: E2eSite, ...args: readonly string[]): Promise<string> {
  const { code, stdout, stderr } = await attemptInside(site.sandbox, ["kubectl", ...args]);
  if (code !== 0) throw new Error(`kubectl ${args.join(" ")}: ${stderr}`);
  return stdout;
}
