import { releaseOf } from "../../domain/bundle.ts";
import { Problem } from "../../domain/errors/problem.ts";
import { pinImages, pinRelease } from "../../domain/release/lock.ts";
import type { Release } from "../../domain/release/release.ts";
import type { BundleOpener, ReleaseSource } from "../../ports/bundle-file.ts";
import type { WorkFolder } from "../../ports/work-folder.ts";

/** Path of a helm that is taken out of a bundle once somebody needs it: it is tens of megabytes, and most hosts have their own. */
export type CarriedHelm = () => Promise<string>;

/** A release at hand: what it consists of, and its chart as a file that helm can read. */
export interface StagedRelease {
  readonly release: Release;
  /** Path of the chart's .tgz. */
  readonly chart: string;
  /** Takes the helm that the bundle carries for this host out of it, at the first call, and gives its path; absent when it carries none. */
  readonly helm?: CarriedHelm;
}

/** Where a release comes from: a bundle, or a release folder with its lock (default: the images.lock.json in it). */
export type ReleaseOrigin =
  | { readonly kind: "bundle"; readonly path: string }
  | { readonly kind: "folder"; readonly path: string; readonly lock?: string | undefined };

/** What staging needs; `platform` is this host's, as `linux/amd64`. */
export interface StagePorts {
  readonly bundles: BundleOpener;
  readonly releases: ReleaseSource;
  readonly folder: WorkFolder;
  readonly platform: string;
}

/**
 * Takes the chart out of a bundle (or packs the chart of a release folder) into the work folder; images stay where they are.
 * @throws Problem BUNDLE_*, RELEASE_*, FILE_UNREADABLE, DISK_FULL
 */
export function stageRelease(origin: ReleaseOrigin, ports: StagePorts, signal: AbortSignal): Promise<StagedRelease> {
  return origin.kind === "bundle"
    ? fromBundle(origin.path, ports, signal)
    : fromFolder(origin.path, origin.lock ?? `${origin.path.replace(/\/+$/, "")}/images.lock.json`, ports);
}

async function fromBundle(path: string, { bundles, folder, platform }: StagePorts, signal: AbortSignal): Promise<StagedRelease> {
  const bundle = await bundles.open(path, signal);
  try {
    const release = releaseOf(bundle.manifest, path);
    const { files } = bundle.manifest;
    const chart = files.find((file) => file.kind === "chart");
    if (chart === undefined) throw new Problem("BUNDLE_INVALID", { what: `${path} carries no chart` });
    const helm = files.find((file) => file.kind === "tool" && file.platform === platform && /(^|\/)helm$/.test(file.path));
    return {
      release,
      chart: await folder.write(`${release.chart.name}-${release.chart.version}.tgz`, bundle.file(chart.path)),
      ...(helm === undefined ? {} : { helm: carriedHelm(path, helm.path, { bundles, folder }, signal) }),
    };
  } finally {
    await bundle.close();
  }
}

function carriedHelm(
  bundlePath: string,
  path: string,
  { bundles, folder }: Pick<StagePorts, "bundles" | "folder">,
  signal: AbortSignal,
): CarriedHelm {
  let taken: Promise<string> | undefined;
  const take = async () => {
    const bundle = await bundles.open(bundlePath, signal);
    try {
      return await folder.write("helm", bundle.file(path), { executable: true });
    } finally {
      await bundle.close();
    }
  };
  return () => (taken ??= take());
}

async function fromFolder(path: string, lockPath: string, { releases, folder }: StagePorts): Promise<StagedRelease> {
  const spec = await releases.spec(path);
  const images = pinImages(spec, await releases.lock(lockPath), lockPath);
  const content = await releases.chart(path, spec);
  return {
    release: pinRelease(spec, images, content.digest),
    chart: await folder.write(`${spec.chart.name}-${spec.version}.tgz`, content.read()),
  };
}
