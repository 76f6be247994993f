import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { ensureToolchain } from "../../test/sandbox/index.ts";

/** Builds dist and, where clusters can run, gets their tools; gives the environment for the test runs. */
export async function prepare(clusters: boolean): Promise<NodeJS.ProcessEnv> {
  execFileSync(process.execPath, [join(import.meta.dirname, "../build.ts")], { stdio: "inherit" });
  const environment = { ...process.env, FORCE_COLOR: "0", NO_COLOR: "1" };
  if (!clusters) return environment;
  const { binDir } = await ensureToolchain();
  return { ...environment, PATH: `${binDir}:${process.env["PATH"] ?? ""}:/usr/sbin:/sbin` };
}
