import { ExecaError, execa } from "execa";
import { Problem } from "../../domain/errors/problem.ts";

/** Milliseconds that helm gets to write its record after it was told to stop; killed at once it would leave the release pending. */
const graceMilliseconds = 20_000;

/** Bytes of output that are kept; all that helm tells of the platform is a tenth of it. */
const mostOutput = 16 * 1024 * 1024;

/** One run of helm. */
export interface HelmRun {
  readonly binary: string;
  readonly args: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
  /** stdin. */
  readonly input: string;
  /** Milliseconds that the run may take. */
  readonly deadline: number;
}

/** One run of a program that ended by itself. */
export interface Ended {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/**
 * Runs helm to its end, whatever its exit status.
 * @throws the signal's reason when it aborts; Problem DEADLINE; HELM_MISSING when the program cannot be started; HELM_FAILED when somebody killed it
 */
export async function runHelm({ binary, args, environment, input, deadline }: HelmRun, signal: AbortSignal): Promise<Ended> {
  signal.throwIfAborted();
  const late = AbortSignal.timeout(deadline);
  try {
    const ended = await execa(binary, args, {
      env: environment,
      extendEnv: false,
      input,
      reject: false,
      stripFinalNewline: false,
      maxBuffer: mostOutput,
      cancelSignal: AbortSignal.any([signal, late]),
      forceKillAfterDelay: graceMilliseconds,
    });
    signal.throwIfAborted();
    const doing = `helm ${args[0] ?? ""}`;
    if (late.aborted) throw new Problem("DEADLINE", { what: `${doing} did not end within ${deadline / 60_000} min and was stopped` });
    if (ended.isMaxBuffer) throw new Problem("HELM_FAILED", { what: `${doing} gave more output than can be kept, and was stopped` });
    if (ended.signal !== undefined) throw killed(doing, ended.signal);
    if (ended.exitCode === undefined) throw cannotRun(binary, ended);
    return { code: ended.exitCode, stdout: ended.stdout, stderr: ended.stderr };
  } catch (error) {
    signal.throwIfAborted();
    throw error instanceof ExecaError ? cannotRun(binary, error) : error;
  }
}

function killed(doing: string, by: string): Problem {
  return new Problem("HELM_FAILED", {
    what: `${doing} was ended by ${by}`,
    why: "Something outside of migratectl killed it; when this host runs out of memory, the kernel does.",
    fix: "Look for it with: dmesg | grep -i 'out of memory'. Then run the same command again: it goes on from there.",
  });
}

function cannotRun(
  binary: string,
  error: { readonly originalMessage?: string | undefined; readonly shortMessage?: string | undefined },
): Problem {
  return new Problem("HELM_MISSING", {
    what: `${binary} cannot be run: ${error.originalMessage ?? error.shortMessage ?? "no reason given"}`,
    cause: error,
  });
}
