import { z } from "zod";
import { manifestFaults } from "./bundle/manifest-faults.ts";
import { reservedFaults, unknownFeatures } from "./bundle/reserved.ts";
import { blobPath, digestSchema } from "./digest.ts";
import { Problem } from "./errors/problem.ts";
import { layoutIndex, ociLayoutContent } from "./oci/layout.ts";
import { bundledReleaseSchema, type Release, releaseImageSchema } from "./release/release.ts";

/** Name of the manifest inside the bundle's tar; always the first entry, so that inspect reads only the head of the file. */
export const bundleManifestName = "migratectl.bundle.json";

/**
 * Name of the signature inside the tar: the second entry where there is one. It is over the manifest, which therefore does not name it;
 * a bundle's digest is the same with and without. This version makes and checks none, and says so.
 */
export const bundleSignatureName = "migratectl.bundle.sig";

/** Most bytes of a signature: keys and certificates of a few signers fit, a hiding place does not. */
export const largestSignature = 64 * 1024;

/** Version of the bundle format that this migratectl writes and reads. */
export const bundleVersion = "migratectl/v1";

/** How many faults an error lists before it counts the rest. */
const faultsShown = 3;

/** A file the bundle carries beside the OCI layout; a reader leaves alone the kinds that it does not know. */
export const bundledFileSchema = z.object({
  /** Path inside the tar, in a folder: what lies at the top, `blobs/` and `migratectl…` belong to the format. */
  path: z
    .string()
    .regex(/^(?!blobs\/|oci-layout\/|index\.json\/|migratectl)(?!\.{1,2}\/)[^/\\\p{Cc}]+(\/(?!\.{1,2}(\/|$))[^/\\\p{Cc}]+)+$/u),
  digest: digestSchema,
  /** Bytes. */
  size: z.int().nonnegative(),
  /** `chart` (one, where there is a release), `tool`, `sbom`, `document`. */
  kind: z.string().regex(/^[a-z][a-z0-9-]*$/),
  /** `os/arch` for a tool. */
  platform: z.string().optional(),
});

/** A blob of the OCI layout in the bundle; `users` names the images that need it (shared layers have several). */
const bundleBlobSchema = z.object({
  digest: digestSchema,
  size: z.int().nonnegative(),
  mediaType: z.string().min(1),
  users: z.array(z.string()).min(1),
});

/**
 * `migratectl.bundle.json`: everything a bundle holds, named by digest. Fields that a later migratectl adds are ignored; what a reader must
 * know has a name in `features`.
 */
const bundleManifestSchema = z.object({
  apiVersion: z.literal(bundleVersion),
  kind: z.literal("Bundle"),
  features: z.array(z.string().min(1)),
  /** Absent in a bundle that holds images only. */
  release: bundledReleaseSchema.optional(),
  images: z.array(releaseImageSchema).min(1),
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

/** An entry whose content comes from outside. */
export type BundleContent = Exclude<BundleEntry, { kind: "text" }>;

/** Every entry of the tar after the manifest and the signature, in the order in which it is written. */
export function bundleEntries(manifest: BundleManifest): readonly BundleEntry[] {
  const text = (path: string, content: string): BundleEntry => ({
    kind: "text",
    path,
    size: new TextEncoder().encode(content).length,
    text: content,
  });
  return [
    text("oci-layout", ociLayoutContent),
    text("index.json", layoutIndex(manifest.images)),
    ...manifest.files.map((file): BundleEntry => ({ kind: "file", path: file.path, size: file.size, file })),
    ...manifest.blobs.map((blob): BundleEntry => ({ kind: "blob", path: blobPath(blob.digest), size: blob.size, blob })),
  ];
}

/** The release that a bundle carries. @throws Problem BUNDLE_NO_RELEASE when it holds images only */
export function releaseOf({ release, images }: BundleManifest, path: string): Release {
  if (release === undefined) throw new Problem("BUNDLE_NO_RELEASE", { what: `${path} holds ${images.length} images and no release` });
  return { ...release, images };
}

/**
 * The manifest as the bundle holds it: equal manifests give equal bytes.
 * @throws TypeError for one that {@link parseBundleManifest} would refuse: whoever made it has a bug
 */
export function formatBundleManifest(manifest: BundleManifest): string {
  const faults = manifestFaults(manifest);
  if (faults.length > 0) throw new TypeError(`a bundle that nobody could read: ${firstOf(faults)}`);
  return `${JSON.stringify(bundleManifestSchema.parse(manifest), undefined, 1)}\n`;
}

/**
 * Reads the content of `migratectl.bundle.json`, and holds it against itself.
 * @throws Problem BUNDLE_NEWER for a later format or a feature that is not known, BUNDLE_INVALID for anything that is no manifest of this one
 */
export function parseBundleManifest(content: string, path: string): BundleManifest {
  const json = parseJson(content, path);
  demandKnown(json, path);
  const parsed = bundleManifestSchema.safeParse(json);
  if (!parsed.success) throw invalid(path, z.prettifyError(parsed.error).replaceAll("\n", " "));
  const faults = [...reservedFaults(json), ...manifestFaults(parsed.data)];
  if (faults.length > 0) throw invalid(path, firstOf(faults));
  return parsed.data;
}

/** Before anything else is judged: of a later format nothing else is known. */
function demandKnown(json: unknown, path: string): void {
  const head = z.object({ apiVersion: z.string(), kind: z.literal("Bundle"), features: z.array(z.string()).default([]) }).safeParse(json);
  if (!head.success) return;
  const { apiVersion, features } = head.data;
  if (apiVersion !== bundleVersion)
    throw new Problem("BUNDLE_NEWER", { what: `${path} is a bundle of format ${apiVersion}; this migratectl reads ${bundleVersion}` });
  const unknown = unknownFeatures(features);
  if (unknown.length > 0)
    throw new Problem("BUNDLE_NEWER", { what: `${path} uses ${unknown.join(", ")}, which this migratectl does not know` });
}

function firstOf(faults: readonly string[]): string {
  const more = faults.length > faultsShown ? `; and ${faults.length - faultsShown} more` : "";
  return `${faults.slice(0, faultsShown).join("; ")}${more}`;
}

function invalid(path: string, why: string): Problem {
  return new Problem("BUNDLE_INVALID", { what: `${bundleManifestName} in ${path} is not valid: ${why}` });
}

function parseJson(content: string, path: string): unknown {
  try {
    return JSON.parse(content);
  } catch (cause) {
    throw new Problem("BUNDLE_INVALID", { what: `${bundleManifestName} in ${path} is not JSON`, cause });
  }
}
