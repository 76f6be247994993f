import type { FileHandle } from "node:fs/promises";
import { type BundleManifest, bundleEntries, bundleManifestName, bundleSignatureName } from "../../domain/bundle.ts";
import { Problem } from "../../domain/errors/problem.ts";
import { endMark } from "../tar/tar-header.ts";
import { readIndex, type TarEntry, TarTruncated } from "../tar/tar-index.ts";

/** How many names an error lists before it counts the rest. */
const namesShown = 5;

/** A file that is not laid out as its manifest says. */
interface Misfit {
  readonly file: FileHandle;
  readonly path: string;
  /** Bytes of the file. */
  readonly size: number;
  readonly manifest: BundleManifest;
  /** Entry of the manifest. */
  readonly first: TarEntry;
  /** Parts of the frame that differ. */
  readonly altered: readonly string[];
}

/**
 * Finds the best word for what is wrong with a bundle whose frame differs, by reading it as any tar: cut short, added to, incomplete, or
 * altered. @throws TarTruncated
 */
export async function diagnose({ file, path, size, manifest, first, altered }: Misfit): Promise<Problem> {
  const index = await readIndex(file, first, size).catch((cause: unknown) => {
    if (cause instanceof RangeError) return undefined;
    throw cause;
  });
  if (index === undefined) return entriesProblem("BUNDLE_ALTERED", `${path} is altered and cannot be read to its end`, altered);
  const beyond = size - index.end - endMark;
  if (beyond < 0) throw new TarTruncated("the end-of-archive mark");
  if (beyond > 0) return entriesProblem("BUNDLE_SUPERFLUOUS", `${path} goes on after its end`, [`${beyond} bytes at its end`]);
  return (
    compare(path, manifest, index.entries) ??
    entriesProblem("BUNDLE_ALTERED", `${path} is altered between its contents, or they are not where they belong`, altered)
  );
}

/** An error about entries, which lists the first few of them. */
export function entriesProblem(
  code: "BUNDLE_SUPERFLUOUS" | "BUNDLE_BLOB_MISSING" | "BUNDLE_ALTERED",
  what: string,
  names: readonly string[],
): Problem {
  const more = names.length > namesShown ? ` and ${names.length - namesShown} more` : "";
  return new Problem(code, { what: `${what}: ${names.slice(0, namesShown).join(", ")}${more}`, data: { entries: names } });
}

/** What the tar holds against what the manifest names, both ways. */
function compare(path: string, manifest: BundleManifest, found: readonly TarEntry[]): Problem | undefined {
  const wanted = new Map(bundleEntries(manifest).map((entry) => [entry.path, entry.size]));
  const seen = new Set<string>();
  const superfluous: string[] = [];
  const resized: string[] = [];
  for (const [position, { name, type, size }] of found.entries()) {
    const own = position === 0 ? name === bundleManifestName : position === 1 && name === bundleSignatureName;
    if (type !== "0" || seen.has(name) || !(own || wanted.has(name))) superfluous.push(name);
    else if (!own && wanted.get(name) !== size) resized.push(name);
    seen.add(name);
  }
  if (superfluous.length > 0) return entriesProblem("BUNDLE_SUPERFLUOUS", `${path} holds what its manifest does not name`, superfluous);
  const missing = [...wanted.keys()].filter((name) => !seen.has(name));
  if (missing.length > 0) return entriesProblem("BUNDLE_BLOB_MISSING", `${path} lacks what its manifest names`, missing);
  if (resized.length > 0) return entriesProblem("BUNDLE_ALTERED", `${path} holds content of another size than its manifest says`, resized);
  return undefined;
}
