import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import type { Meanwhile } from "../../test/sandbox/index.ts";
import { buildPlatform } from "../../test/sandbox/platform/build.ts";
import { runShown } from "./shown.ts";
import { demoDir } from "./site.ts";

/** Where the images of a release are built. */
export const layoutOf = (release: string): string => join(demoDir, `images-${release}`);

/** Builds the images of a reference release (cached by content) as an OCI layout; needs Debian packages only. */
export function imagesOf(release: string): Meanwhile {
  return {
    title: `building the images of release ${release}`,
    work: async (detail, signal) => {
      await mkdir(demoDir, { recursive: true });
      await buildPlatform({
        release,
        out: layoutOf(release),
        ...(signal && { signal }),
        onProgress: ({ image, step }) => detail(`${image}: ${step}`),
      });
    },
  };
}

/** Makes the bundle of the images that {@link imagesOf} built, as the vendor's release engineer would; gives its path. */
export async function makeBundle(release: string, binDir: string): Promise<string> {
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
    layoutOf(release),
    "--tool",
    `helm=linux/amd64:${join(binDir, "helm")}`,
    "--out",
    out,
  ]);
  return out;
}
