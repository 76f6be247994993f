import { z } from "zod";
import { bundledFileSchema } from "../../domain/bundle.ts";
import { digestSchema, shortDigest } from "../../domain/digest.ts";
import { type BundledRelease, bundledReleaseSchema, releaseImageSchema } from "../../domain/release/release.ts";
import { counted, formatBytes } from "../../domain/units.ts";
import type { CreatedBundle } from "../../workflow/bundle/create.ts";
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
  /** Beside the manifest lies a signature, which this version does not check. */
  signed: z.boolean(),
  /** Absent: images only. */
  release: bundledReleaseSchema.omit({ apiVersion: true, kind: true }).optional(),
  images: z.array(releaseImageSchema.extend({ bytes, sharedBytes: bytes, blobs: z.int() })),
  files: z.array(bundledFileSchema),
  blobs: z.int(),
  blobBytes: bytes,
  savedBytes: bytes,
});

/** What a bundle holds, as `bundle inspect` shows it. */
export const bundlePresenter: Presenter<BundleSummary> = {
  name: "bundle-summary",
  schema,
  json: (summary) => summaryJson(summary, "BundleSummary"),
  text: (summary, style) => whole(summary, style),
};

/** What `bundle create` wrote, or with --dry-run would write. */
export const createdPresenter: Presenter<CreatedBundle> = {
  name: "bundle-created",
  schema: schema.extend({ kind: z.literal("BundleCreated"), dryRun: z.boolean() }),
  json: ({ summary, dryRun }) => ({ ...summaryJson(summary, "BundleCreated"), dryRun }),
  text: ({ summary, dryRun }, style) =>
    dryRun ? `${style.bold("would write")}\n${whole(summary, style)}\n\nnothing was written` : whole(summary, style),
};

/** The same after `bundle verify` found nothing wrong. */
export const verifiedPresenter: Presenter<BundleSummary> = {
  name: "bundle-verified",
  schema: schema.extend({ kind: z.literal("BundleVerified") }),
  json: (summary) => summaryJson(summary, "BundleVerified"),
  text: (summary, style) =>
    [
      `${style.green("intact")}  ${summary.path}: ${counted(summary.blobs, "blob")} and ${counted(summary.files.length, "file")}, ${formatBytes(summary.size)}, every one as its digest says`,
      `        bundle digest ${summary.digest}`,
      ...(summary.signed ? [`        ${style.yellow(unchecked)}`] : []),
    ].join("\n"),
};

const unchecked = "signed, and the signature was not checked: compare the digest with the vendor's";

function summaryJson({ release, images: all, ...facts }: BundleSummary, kind: string) {
  return {
    apiVersion: "migratectl/v1",
    kind,
    ...facts,
    ...(release === undefined ? {} : { release: releaseJson(release) }),
    images: all.map(({ image, ...weights }) => ({ ...image, ...weights })),
  };
}

function releaseJson({ apiVersion: _apiVersion, kind: _kind, ...release }: BundledRelease) {
  return release;
}

function whole(summary: BundleSummary, style: Style): string {
  const { release } = summary;
  const parts = [heading(summary, style), images(summary, style), ...(summary.files.length === 0 ? [] : [files(summary, style)])];
  return [...parts, ...(release === undefined ? [] : [facts(release, style)])].join("\n\n");
}

function heading({ path, size, digest, signed, release }: BundleSummary, style: Style): string {
  const name = release === undefined ? "images only" : `${release.chart.name} ${release.version}`;
  const signature = signed ? `\n${style.yellow(unchecked)}` : "";
  return `${style.bold(name)}  ${path}, ${formatBytes(size)}\n${style.dim(`bundle digest ${digest}`)}${signature}`;
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
  return `${counted(all.length, "image")}, ${counted(blobs, "blob")}, ${formatBytes(blobBytes)}${saved}\n${table(rows)}`;
}

function files({ files: all }: BundleSummary, style: Style): string {
  return `${counted(all.length, "file")}\n${table(all.map(({ path, size, digest }) => [`  ${path}`, formatBytes(size), style.dim(shortDigest(digest))]))}`;
}

function facts({ kubernetes, schema: { from, to }, migrations, upgradeFrom, stops, notes }: BundledRelease, style: Style): string {
  const steps = migrations.map(({ id, kind, reversible }) => `${id} ${kind}${reversible ? "" : ", no way back"}`);
  const rows = [
    ["Kubernetes", kubernetes],
    ["database schema", from === undefined ? to : `${from} to ${to}`],
    ...steps.map((step, index) => [index === 0 ? "migrations" : "", step]),
    ["upgrades from", upgradeFrom + (stops.length === 0 ? "" : `, older ones through ${stops.join(", ")}`)],
    ...notes.map(({ text, answers }, index) => [
      index === 0 ? "notes" : "",
      answers.length === 0 ? text : `${text} Answers it needs: ${answers.join(", ")}`,
    ]),
  ];
  return table(rows.map(([name = "", value = ""]) => [style.dim(name), value]));
}
