import type { BundleManifest } from "../bundle.ts";
import { largestManifest } from "../oci/manifest.ts";
import { isManifestType } from "../oci/media-type.ts";
import { schemaFaults } from "../release/migration.ts";

/**
 * Holds a bundle's manifest against itself: what it says twice must agree, and what it refers to must be in it. Empty: nothing is wrong.
 * What only the content can tell (which blobs an image consists of) is for verify.
 */
export function manifestFaults(manifest: BundleManifest): readonly string[] {
  return [...releaseFaults(manifest), ...fileFaults(manifest), ...imageFaults(manifest), ...blobFaults(manifest)];
}

function releaseFaults({ release, files }: BundleManifest): readonly string[] {
  const charts = files.filter(({ kind }) => kind === "chart");
  if (release === undefined) return charts.length === 0 ? [] : ["it carries a chart, and no release that it belongs to"];
  const faults = schemaFaults(release).map(({ message }) => `release.migrations ${message}`);
  const [chart, ...others] = charts;
  if (chart === undefined || others.length > 0) return [...faults, `it carries ${charts.length} charts for one release`];
  return chart.digest === release.chart.digest ? faults : [...faults, `release.chart.digest is not the digest of ${chart.path}`];
}

function fileFaults({ files }: BundleManifest): readonly string[] {
  return repeated(files.map(({ path }) => path)).map((path) => `the file ${path} is named twice`);
}

function imageFaults({ images, blobs }: BundleManifest): readonly string[] {
  const byDigest = new Map(blobs.map((blob) => [blob.digest, blob]));
  return [
    ...repeated(images.map(({ name }) => name)).map((name) => `the image "${name}" is named twice`),
    ...repeated(images.map(({ repository, tag }) => `${repository}:${tag}`)).map((name) => `two images have the name ${name}`),
    ...images.flatMap(({ name, digest, size }) => {
      const blob = byDigest.get(digest);
      if (blob === undefined) return [`${digest} of the image "${name}" is not among the blobs`];
      const fits = blob.size === size && isManifestType(blob.mediaType) && blob.users.includes(name);
      return fits ? [] : [`${digest} of the image "${name}" does not fit its blob`];
    }),
  ];
}

function blobFaults({ images, blobs }: BundleManifest): readonly string[] {
  const names = new Set(images.map(({ name }) => name));
  return [
    ...repeated(blobs.map(({ digest }) => digest)).map((digest) => `the blob ${digest} is named twice`),
    ...blobs.flatMap(({ digest, size, mediaType, users }) => [
      ...users.filter((user) => !names.has(user)).map((user) => `the blob ${digest} is used by "${user}", which is no image of the bundle`),
      ...repeated(users).map((user) => `the blob ${digest} names its user "${user}" twice`),
      ...(isManifestType(mediaType) && size > largestManifest ? [`the blob ${digest} is ${size} bytes, too large for a manifest`] : []),
    ]),
  ];
}

function repeated(values: readonly string[]): readonly string[] {
  const seen = new Set<string>();
  const twice = new Set<string>();
  for (const value of values) (seen.has(value) ? twice : seen).add(value);
  return [...twice];
}
