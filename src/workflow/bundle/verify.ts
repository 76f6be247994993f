import { Problem } from "../../domain/errors/problem.ts";
import type { ReleaseImage } from "../../domain/release/release.ts";
import type { BundleFile, BundleOpener } from "../../ports/bundle-file.ts";
import type { Progress } from "../../ports/progress.ts";
import { type BundleSummary, summarize } from "./summary.ts";
import { task } from "./task.ts";
import { digestsOf, readTree } from "./tree.ts";

/** How many names an error lists before it counts the rest. */
const namesShown = 5;

/**
 * Checks that a bundle holds what its manifest names, and nothing else: every blob and file hashed, and every image whole.
 * @throws Problem BUNDLE_ALTERED naming every entry that differs, BUNDLE_BLOB_MISSING, and as {@link BundleOpener.open}
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
      for (const image of bundle.manifest.images) await demandWhole(bundle, image, signal);
    });
    return summarize(bundle);
  } finally {
    await bundle.close();
  }
}

/** An image is what its manifests refer to: no less, and nothing that only says it belongs to it. */
async function demandWhole(bundle: BundleFile, image: ReleaseImage, signal: AbortSignal): Promise<void> {
  const reached = digestsOf(await readTree(bundle, image, signal));
  const stray = bundle.manifest.blobs.find(({ digest, users }) => users.includes(image.name) && !reached.has(digest));
  if (stray !== undefined)
    throw new Problem("BUNDLE_INVALID", {
      what: `${bundle.path} does not agree with itself: ${stray.digest} names "${image.name}" as its user, which does not refer to it`,
    });
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
