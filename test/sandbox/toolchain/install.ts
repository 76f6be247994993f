import { existsSync, mkdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { run } from "../run.ts";
import { binDir, moduleDir, recordBuild } from "./machine.ts";
import { type GoRequirement, linkerFlags } from "./requirements.ts";

const servicePolicy = "/usr/sbin/policy-rc.d";

/** Keeps packages from starting their services while `work` runs: the sandbox wants the programs only. */
const withoutServices = async (work: () => Promise<void>): Promise<void> => {
  if (existsSync(servicePolicy)) return work();
  writeFileSync(servicePolicy, "#!/bin/sh\nexit 101\n", { mode: 0o755 });
  try {
    await work();
  } finally {
    rmSync(servicePolicy, { force: true });
  }
};

/** Installs Debian packages with one apt-get call; throws with apt's message when that fails. */
export const installPackages = async (packages: readonly string[], detail: (text: string) => void, signal?: AbortSignal): Promise<void> => {
  const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive" };
  const lock = ["-o", "DPkg::Lock::Timeout=300"] as const;
  const options = { env, ...(signal && { signal }), onLine: (line: string) => detail(line.trim()) };
  await withoutServices(async () => {
    await run(["apt-get", ...lock, "update", "--quiet"], options);
    await run(["apt-get", ...lock, "install", "--yes", "--quiet", "--no-install-recommends", ...packages], options);
  });
};

const goEnv = (): NodeJS.ProcessEnv => ({
  ...process.env,
  // Without cgo the programs are static, so that pods can run them, and no C compiler is needed.
  CGO_ENABLED: "0",
  GOFLAGS: "-mod=readonly",
  GOTOOLCHAIN: "auto",
});

/** The compiler keeps its garbage: a package is compiled in seconds, and memory is there. */
const compilerEnv = { GOGC: "off" };

/** Into the folder `out` when it ends in a slash, else into that file. */
const compile = (packages: readonly string[], out: string, onLine: (line: string) => void, signal?: AbortSignal) =>
  run(
    [
      "go",
      ...["build", "-v", "-trimpath", "-buildvcs=false"],
      // What debuggers need is not made at all, instead of being thrown away by the linker.
      ...["-gcflags=all=-dwarf=false", "-ldflags", linkerFlags, "-o", out],
      ...packages,
    ],
    { cwd: moduleDir, env: { ...goEnv(), ...compilerEnv }, onLine, ...(signal && { signal }) },
  );

/** Builds programs, as far as possible in one go so that what they share is compiled once, and puts them into the cache. */
export const buildPrograms = async (
  builds: readonly GoRequirement[],
  detail: (text: string) => void,
  signal?: AbortSignal,
): Promise<void> => {
  const stage = join(binDir, `.new-${process.pid}`);
  mkdirSync(stage, { recursive: true });
  let compiled = 0;
  const count = (line: string): void => {
    if (line.startsWith("go: ")) return;
    compiled += 1;
    detail(`${compiled} packages compiled, ${line}`);
  };
  try {
    const together = new Set(builds.filter((build) => !build.alone).map((build) => build.package));
    if (together.size > 0) await compile([...together], `${stage}/`, count, signal);
    for (const build of builds.filter((one) => one.alone)) await compile([build.package], join(stage, build.program), count, signal);
    for (const program of new Set(builds.map((build) => build.program))) {
      // A running sandbox may execute the old program: it is replaced, not written over.
      renameSync(join(stage, program), join(binDir, program));
    }
    for (const build of builds) recordBuild(build);
  } finally {
    rmSync(stage, { recursive: true, force: true });
  }
};
