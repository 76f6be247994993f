import { releaseOf } from "../../domain/bundle.ts";
import type { Release } from "../../domain/release/release.ts";
import type { BundleOpener } from "../../ports/bundle-file.ts";

/** The release that a bundle says it carries; no content is read. @throws Problem BUNDLE_*, FILE_UNREADABLE */
export async function readRelease(bundles: BundleOpener, path: string, signal: AbortSignal): Promise<Release> {
  const bundle = await bundles.open(path, signal);
  try {
    return releaseOf(bundle.manifest, path);
  } finally {
    await bundle.close();
  }
}
