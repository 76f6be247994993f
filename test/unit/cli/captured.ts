import { vi } from "vitest";
import { run } from "../../../src/cli/run.ts";

/** How a command line ended and what it wrote. */
export interface Ended {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs one command line in this process, without a terminal; `env` is laid over an environment without MIGRATECTL_*. */
export function captured(argv: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<Ended> {
  return capturedOf(() => run(argv), env);
}

/** What `action` writes and the exit status that it leaves. */
export async function capturedOf(action: () => Promise<void>, env: Readonly<Record<string, string>> = {}): Promise<Ended> {
  for (const name of Object.keys(process.env)) if (/^MIGRATECTL_|^KUBECONFIG$/.test(name)) vi.stubEnv(name, undefined);
  for (const [name, value] of Object.entries(env)) vi.stubEnv(name, value);
  const written = { stdout: "", stderr: "" };
  const spies = (["stdout", "stderr"] as const).map((name) =>
    vi.spyOn(process[name], "write").mockImplementation((text) => {
      written[name] += String(text);
      return true;
    }),
  );
  const before = process.exitCode;
  process.exitCode = undefined;
  try {
    await action();
    return { code: Number(process.exitCode ?? 0), ...written };
  } finally {
    process.exitCode = before;
    for (const spy of spies) spy.mockRestore();
    vi.unstubAllEnvs();
  }
}
