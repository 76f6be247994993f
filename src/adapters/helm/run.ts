import { ExecaError, execa } from "execa";
import { Problem } from "../../domain/errors/problem.ts";

/** Milliseconds that helm gets to write its record after it was told to stop; killed at once it would leave the release pending. */
const graceMilliseconds = 20_000;

/** One run of a program that ended by itself. */
export interface Ended {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/**
 * Runs helm to its end, whatever its exit status.
 * @throws the signal's reason when it aborts; Problem HELM_MISSING when the program cannot be started
 */
export async function runHelm(
  binary: string,
  args: readonly string[],
  environment: Record<string, string>,
  input: string,
  signal: AbortSignal,
): Promise<Ended> {
  signal.throwIfAborted();
  try {
    const { exitCode, stdout, stderr } = await execa(binary, args, {
      env: environment,
      extendEnv: false,
      input,
      reject: false,
      stripFinalNewline: false,
      cancelSignal: signal,
      forceKillAfterDelay: graceMilliseconds,
    });
    signal.throwIfAborted();
    if (exitCode === undefined) throw new Problem("HELM_MISSING", { what: `${binary} cannot be run, or was killed` });
    return { code: exitCode, stdout, stderr };
  } catch (error) {
    signal.throwIfAborted();
    if (error instanceof ExecaError)
      throw new Problem("HELM_MISSING", { what: `${binary} cannot be run: ${error.originalMessage ?? error.shortMessage}`, cause: error });
    throw error;
  }
}
