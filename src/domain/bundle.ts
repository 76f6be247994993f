import { z } from "zod";
import { digestSchema } from "./digest.ts";
import { releaseSchema } from "./release/release.ts";

/** Name of the manifest inside the bundle's tar; always the first entry, so that inspect reads only the head of the file. */
export const bundleManifestName = "migratectl.bundle.json";

/** A file the bundle carries beside the OCI layout (chart, helm, migratectl, SBOM). */
export const bundleFileSchema = z.strictObject({
  /** Path inside the tar. */
  path: z.string().min(1),
  digest: digestSchema,
  /** Bytes. */
  size: z.int().nonnegative(),
  kind: z.enum(["chart", "tool", "sbom", "document"]),
  /** `os/arch` for a tool. */
  platform: z.string().optional(),
});

/** A blob of the OCI layout in the bundle; `users` names the images that need it (shared layers have several). */
export const bundleBlobSchema = z.strictObject({
  digest: digestSchema,
  size: z.int().nonnegative(),
  mediaType: z.string(),
  users: z.array(z.string()),
});

/** `migratectl.bundle.json`: everything a bundle holds, named by digest. */
export const bundleManifestSchema = z.strictObject({
  apiVersion: z.literal("migratectl/v1"),
  kind: z.literal("Bundle"),
  release: releaseSchema,
  blobs: z.array(bundleBlobSchema),
  files: z.array(bundleFileSchema),
});

/** The manifest of a bundle. */
export type BundleManifest = Readonly<z.infer<typeof bundleManifestSchema>>;
/** One blob in a bundle. */
export type BundleBlob = Readonly<z.infer<typeof bundleBlobSchema>>;
/** One file in a bundle beside its blobs. */
export type BundleFile = Readonly<z.infer<typeof bundleFileSchema>>;
