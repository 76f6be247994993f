import { Problem } from "../../domain/errors/problem.ts";
import type { BundleFile, BundleOpener } from "../../ports/bundle-file.ts";
import type { Progress } from "../../ports/progress.ts";
import { type BundleSummary, summarize } from "./summary.ts";
import { task } from "./task.ts";

/** How many names an error lists before it counts the rest. */
const namesShown = 5;

/**
 * Hashes every blob and file of a bundle and checks that it holds what its manifest names, and nothing else.
 * @throws Problem BUNDLE_ALTERED naming every entry that differs, and as {@link BundleOpener.open}
 */
export async function verifyBundle(
  ports: { readonly bundles: BundleOpener; readonly progress: Progress },
  path: string,
  signal: AbortSignal,
): Promise<BundleSummary> {
  const bundle = await ports.bundles.open(path, signal);
  try {
    await task(ports.progress, "verify", `Verify ${path}`, async (advance) => {
      let done = 0;
      const altered = await bundle.alteredEntries((bytes) => advance({ done: (done += bytes), total: bundle.size, unit: "bytes" }), signal);
      if (altered.length > 0) throw alteration(bundle, altered);
    });
    return summarize(bundle);
  } finally {
    await bundle.close();
  }
}

function alteration({ path, manifest }: BundleFile, altered: readonly string[]): Problem {
  const more = altered.length > namesShown ? ` and ${altered.length - namesShown} more` : "";
  const users = manifest.blobs
    .filter(({ digest }) => altered.some((name) => name.endsWith(digest.slice("sha256:".length))))
    .flatMap((blob) => blob.users);
  const affected = users.length === 0 ? "" : ` (images: ${[...new Set(users)].toSorted().join(", ")})`;
  return new Problem("BUNDLE_ALTERED", {
    what: `${path} is altered: ${altered.slice(0, namesShown).join(", ")}${more}${affected}`,
    data: { entries: altered },
  });
}
