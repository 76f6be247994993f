import { accessSync, constants } from "node:fs";
import { delimiter, join } from "node:path";
import { describe } from "vitest";

const isRootOnLinux = process.platform === "linux" && process.getuid?.() === 0;

/** Why no cluster can be started here; undefined when one can. */
export const noCluster: string | undefined = isRootOnLinux ? undefined : "a cluster needs root on Linux";

/** Why a program cannot be used here. Root on Linux has to have it, so that nothing is left out where everything can be run. */
export function missing(program: string): string | undefined {
  return isRootOnLinux || isOnPath(program) ? undefined : `${program} is not installed here`;
}

/** A group of tests against a real thing. Where there is none they count as skipped, with the reason in the group's name and on stderr. */
export function describeReal(name: string, reason: string | undefined, tests: () => void): void {
  if (reason !== undefined) process.stderr.write(`Not run: ${name} (${reason})\n`);
  describe.skipIf(reason !== undefined)(reason === undefined ? name : `${name}, not run: ${reason}`, tests);
}

function isOnPath(program: string): boolean {
  return (process.env["PATH"] ?? "").split(delimiter).some((folder) => {
    try {
      accessSync(join(folder, program), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}
