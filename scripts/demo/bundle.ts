import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { buildPlatform } from "../../test/sandbox/platform/build.ts";
import { runShown } from "./shown.ts";
import { demoDir } from "./site.ts";

/** Builds the images of a reference release (cached by content) and makes the bundle as the vendor's release engineer would; gives its path. */
export async function makeBundle(release: string, binDir: string): Promise<string> {
  await mkdir(demoDir, { recursive: true });
  const layout = join(demoDir, `images-${release}`);
  await buildPlatform({
    release,
    out: layout,
    onProgress: ({ image, step, seconds }) => {
      if (seconds >= 1) process.stderr.write(`${image.padEnd(22)} ${step.padEnd(34)} ${seconds.toFixed(1)} s\n`);
    },
  });
  const out = join(demoDir, `migrate-platform-${release}.bundle`);
  const here = {
    env: process.env,
    command: (args: readonly string[]) => [process.execPath, join(import.meta.dirname, "../../bin/run.js"), ...args] as const,
  };
  await runShown(here, [
    "bundle",
    "create",
    "--release",
    `bundles/${release}`,
    "--oci-layout",
    layout,
    "--tool",
    `helm=linux/amd64:${join(binDir, "helm")}`,
    "--out",
    out,
  ]);
  return out;
}
