import type { BundleOpener } from "../../ports/bundle-file.ts";
import { type BundleSummary, summarize } from "./summary.ts";

/** Tells what a bundle holds from its head; no blob is read. Throws as {@link BundleOpener.open}. */
export async function inspectBundle(bundles: BundleOpener, path: string, signal: AbortSignal): Promise<BundleSummary> {
  const bundle = await bundles.open(path, signal);
  try {
    return summarize(bundle);
  } finally {
    await bundle.close();
  }
}
