import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { ensureToolchain } from "../../test/sandbox/index.ts";
import { imagesOf } from "../demo/bundle.ts";

/** Builds dist and, where clusters can run, gets their tools; gives the environment for the test runs. */
export async function prepare(clusters: boolean): Promise<NodeJS.ProcessEnv> {
  execFileSync(process.execPath, [join(import.meta.dirname, "../build.ts")], { stdio: "inherit" });
  const environment = { ...process.env, FORCE_COLOR: "0", NO_COLOR: "1" };
  if (!clusters) return environment;
  // The images too: a machine that has nothing makes them while Go builds.
  const { binDir } = await ensureToolchain({ meanwhile: imagesOf("1.0.0") });
  return { ...environment, PATH: `${binDir}:${process.env["PATH"] ?? ""}:/usr/sbin:/sbin` };
}
