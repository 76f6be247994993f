import { z } from "zod";
import { bundledFileSchema } from "../../domain/bundle.ts";
import { digestSchema, shortDigest } from "../../domain/digest.ts";
import { releaseImageSchema, releaseSchema } from "../../domain/release/release.ts";
import { formatBytes } from "../../domain/units.ts";
import type { BundleSummary } from "../../workflow/bundle/summary.ts";
import type { Presenter } from "./presenter.ts";
import { type Style, table } from "./style.ts";

const bytes = z.int().nonnegative();

const schema = z.strictObject({
  apiVersion: z.literal("migratectl/v1"),
  kind: z.literal("BundleSummary"),
  path: z.string(),
  size: bytes,
  digest: digestSchema,
  release: releaseSchema.omit({ apiVersion: true, kind: true, images: true }),
  images: z.array(releaseImageSchema.extend({ bytes, sharedBytes: bytes, blobs: z.int() })),
  files: z.array(bundledFileSchema),
  blobs: z.int(),
  blobBytes: bytes,
  savedBytes: bytes,
});

/** What a bundle holds, as `bundle create` and `bundle inspect` show it. */
export const bundlePresenter: Presenter<BundleSummary> = {
  name: "bundle-summary",
  schema,
  json: summaryJson,
  text: (summary, style) => [heading(summary, style), images(summary, style), files(summary, style), facts(summary, style)].join("\n\n"),
};

/** The same after `bundle verify` found nothing wrong. */
export const verifiedPresenter: Presenter<BundleSummary> = {
  name: "bundle-verified",
  schema: schema.extend({ kind: z.literal("BundleVerified") }),
  json: (summary) => ({ ...summaryJson(summary), kind: "BundleVerified" }),
  text: (summary, style) =>
    `${style.green("intact")}  ${summary.path}: ${summary.blobs} blobs and ${summary.files.length} files, ${formatBytes(summary.size)}, every one as its digest says\n        bundle digest ${summary.digest}`,
};

function summaryJson(summary: BundleSummary) {
  const { apiVersion: _apiVersion, kind: _kind, images: _images, ...release } = summary.release;
  const { path, size, digest, files, blobs, blobBytes, savedBytes } = summary;
  const all = summary.images.map(({ image, ...weights }) => ({ ...image, ...weights }));
  return {
    apiVersion: "migratectl/v1",
    kind: "BundleSummary",
    path,
    size,
    digest,
    release,
    images: all,
    files,
    blobs,
    blobBytes,
    savedBytes,
  };
}

function heading({ path, size, digest, release }: BundleSummary, style: Style): string {
  return `${style.bold(`${release.chart.name} ${release.version}`)}  ${path}, ${formatBytes(size)}\n${style.dim(`bundle digest ${digest}`)}`;
}

function images({ images: all, blobs, blobBytes, savedBytes }: BundleSummary, style: Style): string {
  const rows = all.map(({ image, bytes: weight, sharedBytes }) => [
    `  ${image.repository}:${image.tag}`,
    formatBytes(weight),
    sharedBytes === 0 ? "" : `${formatBytes(sharedBytes)} shared`,
    image.platforms.join(" "),
    style.dim(shortDigest(image.digest)),
  ]);
  const saved = savedBytes === 0 ? "" : `; sharing saves ${formatBytes(savedBytes)}`;
  return `${all.length} images, ${blobs} blobs, ${formatBytes(blobBytes)}${saved}\n${table(rows)}`;
}

function files({ files: all }: BundleSummary, style: Style): string {
  return `${all.length === 1 ? "1 file" : `${all.length} files`}\n${table(all.map(({ path, size, digest }) => [`  ${path}`, formatBytes(size), style.dim(shortDigest(digest))]))}`;
}

function facts({ release }: BundleSummary, style: Style): string {
  const { kubernetes, schemaRevision, upgradeFrom, stops, notes } = release;
  const rows = [
    ["Kubernetes", kubernetes],
    ["database schema", schemaRevision],
    ["upgrades from", upgradeFrom + (stops.length === 0 ? "" : `, older ones through ${stops.join(", ")}`)],
    ...notes.map((note, index) => [index === 0 ? "notes" : "", note]),
  ];
  return table(rows.map(([name = "", value = ""]) => [style.dim(name), value]));
}
