import { Problem } from "../../../domain/errors/problem.ts";
import type { KitStore } from "../../../ports/kit-store.ts";
import type { ExecTarget, PodExec } from "../../../ports/pod-exec.ts";

/** Milliseconds for reading or writing a few kilobytes. */
const deadline = 60_000;

/** The kit on the repository's volume, through the container that `target` finds. */
export function createKitStore(exec: PodExec, target: (signal: AbortSignal) => Promise<ExecTarget>): KitStore {
  const ended = (role: string, { code, stderr }: { readonly code: number; readonly stderr: string }): void => {
    if (code !== 0)
      throw new Problem("BACKUP_HOST_STRANGE", { what: `postgres-entrypoint ${role} ended with ${code}: ${stderr.trim().slice(-500)}` });
  };
  return {
    async read(signal) {
      const found = await exec.run(await target(signal), ["postgres-entrypoint", "kit"], { deadline }, signal);
      ended("kit", found);
      return found.stdout === "" ? undefined : found.stdout;
    },
    async write(document, signal) {
      const bytes = Buffer.from(document);
      const stdin = (async function* () {
        yield bytes;
      })();
      const argv = ["postgres-entrypoint", "keep-kit", String(bytes.length)];
      ended("keep-kit", await exec.stream(await target(signal), argv, { stdin, stdout: async () => undefined }, { deadline }, signal));
    },
  };
}
