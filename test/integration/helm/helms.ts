import { spawnSync } from "node:child_process";
import { accessSync, constants } from "node:fs";
import { delimiter, join } from "node:path";
import { describe } from "vitest";
import { binDir } from "../../sandbox/toolchain/machine.ts";

/** A helm that the tests run against. */
export interface HelmUnderTest {
  readonly major: 3 | 4;
  readonly binary: string;
}

const isProgram = (path: string): boolean => {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
};

/**
 * The Helm 3 called `helm3`, of the toolchain or on PATH; where there is none this says so on stderr, and its tests count as skipped.
 * @throws Error when it is no Helm 3
 */
function findHelm3(): string | undefined {
  const folders = [binDir, ...(process.env["PATH"] ?? "").split(delimiter)].filter((folder) => folder !== "");
  const binary = folders.map((folder) => join(folder, "helm3")).find(isProgram);
  if (binary === undefined) {
    process.stderr.write("Not run: Helm 3 (there is no helm3 on PATH)\n");
    return undefined;
  }
  const { stdout } = spawnSync(binary, ["version", "--template", "{{.Version}}"], { encoding: "utf8" });
  if (!/^v3\./.test(stdout)) throw new Error(`${binary} is no Helm 3: it says ${stdout}`);
  return binary;
}

/** Path of the helm of each supported major: the toolchain's own Helm 4, and the Helm 3 that is called `helm3`. */
export const helms: { readonly 3: string | undefined; readonly 4: string } = { 3: findHelm3(), 4: join(binDir, "helm") };

/** Declares a group of tests once for each supported major; those of a helm that this machine does not have are skipped. */
export function describeEachHelm(title: string, tests: (helm: HelmUnderTest) => void): void {
  for (const major of [4, 3] as const) {
    const binary = helms[major];
    describe.skipIf(binary === undefined)(`${title} (helm ${major})`, () => tests({ major, binary: binary ?? "" }));
  }
}
