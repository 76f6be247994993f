import { z } from "zod";
import { blobPath, digestSchema } from "./digest.ts";
import { Problem } from "./errors/problem.ts";
import { layoutIndex, ociLayoutContent } from "./oci/layout.ts";
import { releaseSchema } from "./release/release.ts";

/** Name of the manifest inside the bundle's tar; always the first entry, so that inspect reads only the head of the file. */
export const bundleManifestName = "migratectl.bundle.json";

/** Version of the bundle format that this migratectl writes and reads. */
export const bundleVersion = "migratectl/v1";

/** A file the bundle carries beside the OCI layout (chart, helm, migratectl, SBOM). */
export const bundledFileSchema = z.strictObject({
  /** Path inside the tar. */
  path: z.string().regex(/^(chart|tools|sbom|documents)(\/(?!\.{1,2}(\/|$))[^/\\\p{Cc}]+)+$/u),
  digest: digestSchema,
  /** Bytes. */
  size: z.int().nonnegative(),
  kind: z.enum(["chart", "tool", "sbom", "document"]),
  /** `os/arch` for a tool. */
  platform: z.string().optional(),
});

/** A blob of the OCI layout in the bundle; `users` names the images that need it (shared layers have several). */
const bundleBlobSchema = z.strictObject({
  digest: digestSchema,
  size: z.int().nonnegative(),
  mediaType: z.string(),
  users: z.array(z.string()),
});

/** `migratectl.bundle.json`: everything a bundle holds, named by digest. */
const bundleManifestSchema = z.strictObject({
  apiVersion: z.literal(bundleVersion),
  kind: z.literal("Bundle"),
  release: releaseSchema,
  blobs: z.array(bundleBlobSchema),
  files: z.array(bundledFileSchema),
});

/** The manifest of a bundle. */
export type BundleManifest = Readonly<z.infer<typeof bundleManifestSchema>>;
/** One blob in a bundle. */
export type BundleBlob = Readonly<z.infer<typeof bundleBlobSchema>>;
/** One file in a bundle beside its blobs. */
export type BundledFile = Readonly<z.infer<typeof bundledFileSchema>>;

/** One entry of the bundle's tar after the manifest: text that follows from the manifest, or content named by digest. */
export type BundleEntry =
  | { readonly kind: "text"; readonly path: string; readonly size: number; readonly text: string }
  | { readonly kind: "file"; readonly path: string; readonly size: number; readonly file: BundledFile }
  | { readonly kind: "blob"; readonly path: string; readonly size: number; readonly blob: BundleBlob };

/** Every entry of the tar after the manifest, in the order in which it is written. */
export function bundleEntries(manifest: BundleManifest): readonly BundleEntry[] {
  const text = (path: string, content: string): BundleEntry => ({
    kind: "text",
    path,
    size: new TextEncoder().encode(content).length,
    text: content,
  });
  return [
    text("oci-layout", ociLayoutContent),
    text("index.json", layoutIndex(manifest.release.images)),
    ...manifest.files.map((file): BundleEntry => ({ kind: "file", path: file.path, size: file.size, file })),
    ...manifest.blobs.map((blob): BundleEntry => ({ kind: "blob", path: blobPath(blob.digest), size: blob.size, blob })),
  ];
}

/** The manifest as the bundle holds it: equal manifests give equal bytes. */
export function formatBundleManifest(manifest: BundleManifest): string {
  return `${JSON.stringify(bundleManifestSchema.parse(manifest), undefined, 1)}\n`;
}

/**
 * Reads the content of `migratectl.bundle.json`.
 * @throws Problem BUNDLE_NEWER for a later format, BUNDLE_INVALID for anything that is no manifest of this one
 */
export function parseBundleManifest(content: string, path: string): BundleManifest {
  const json = parseJson(content, path);
  const head = z.object({ apiVersion: z.string(), kind: z.literal("Bundle") }).safeParse(json);
  if (head.success && head.data.apiVersion !== bundleVersion) {
    throw new Problem("BUNDLE_NEWER", {
      what: `${path} is a bundle of format ${head.data.apiVersion}; this migratectl reads ${bundleVersion}`,
    });
  }
  const parsed = bundleManifestSchema.safeParse(json);
  if (!parsed.success)
    throw new Problem("BUNDLE_INVALID", {
      what: `${bundleManifestName} in ${path} is not valid: ${z.prettifyError(parsed.error).replaceAll("\n", " ")}`,
    });
  return parsed.data;
}

function parseJson(content: string, path: string): unknown {
  try {
    return JSON.parse(content);
  } catch (cause) {
    throw new Problem("BUNDLE_INVALID", { what: `${bundleManifestName} in ${path} is not JSON`, cause });
  }
}
