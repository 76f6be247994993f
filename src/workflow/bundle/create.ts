import { type BundleBlob, type BundleContent, type BundledFile, type BundleManifest, bundleVersion } from "../../domain/bundle.ts";
import { Problem } from "../../domain/errors/problem.ts";
import { pinImages, pinRelease } from "../../domain/release/lock.ts";
import type { ReleaseImage, ReleaseSpec } from "../../domain/release/release.ts";
import { counted } from "../../domain/units.ts";
import type { BundleMeasure, BundleWriter, ByteSource, FileContent, ImageSource, ReleaseSource } from "../../ports/bundle-file.ts";
import type { Progress } from "../../ports/progress.ts";
import { collectImages } from "./collect.ts";
import { type BundleSummary, summarize } from "./summary.ts";
import { task } from "./task.ts";

/** A program that travels with the bundle for the jump host. */
export interface ToolFile {
  readonly name: string;
  /** `os/arch` */
  readonly platform: string;
  readonly path: string;
}

/** What a bundle is made from. */
export interface CreateRequest {
  /** Folder with release.yaml. */
  readonly release: string;
  /** Path of images.lock.json. */
  readonly lock: string;
  readonly tools: readonly ToolFile[];
  /** Path of the bundle. */
  readonly out: string;
  /** Only manifests are read, and nothing is written. */
  readonly dryRun: boolean;
}

/** What was made, or with `dryRun` would be: its content, size and digest. */
export interface CreatedBundle {
  readonly summary: BundleSummary;
  readonly dryRun: boolean;
}

/** What create needs from outside. */
export interface CreatePorts {
  readonly releases: ReleaseSource;
  /** Opens where the images come from, once the release is known. */
  readonly images: (spec: ReleaseSpec) => Promise<ImageSource>;
  readonly writer: BundleWriter;
  readonly progress: Progress;
}

/** A file beside the images, with the way to read it. */
interface Carried {
  readonly file: BundledFile;
  readonly content: FileContent;
}

/**
 * Makes a bundle: the release's images by digest with all their platforms, its chart and tools, in one file. Equal input gives equal bytes.
 * @throws Problem RELEASE_*, IMAGE_SOURCE_*, BUNDLE_BUSY, BUNDLE_DISK_FULL, FILE_*, REGISTRY_*
 */
export async function createBundle(ports: CreatePorts, request: CreateRequest, signal: AbortSignal): Promise<CreatedBundle> {
  const spec = await ports.releases.spec(request.release);
  const locked = pinImages(spec, await ports.releases.lock(request.lock), request.lock);
  const carried = await carriedFiles(ports.releases, request, spec, signal);
  const source = await ports.images(spec);
  try {
    const { images, blobs } = await task(
      ports.progress,
      "collect",
      `Read the manifests of ${counted(locked.length, "image")} from ${source.name}`,
      () => collectImages(source, locked, signal),
    );
    const manifest = describe(spec, images, carried, blobs);
    const summary = (measured: BundleMeasure) => summarize({ path: request.out, manifest, signed: false, ...measured });
    if (request.dryRun) return { summary: summary(ports.writer.measure(manifest)), dryRun: true };
    const written = await task(ports.progress, "write", `Write ${request.out}`, (advance) => {
      const total = [...manifest.files, ...manifest.blobs].reduce((sum, { size }) => sum + size, 0);
      let done = 0;
      return ports.writer.write(
        request.out,
        manifest,
        reader(carried, source, images, signal),
        (bytes) => advance({ done: (done += bytes), total, unit: "bytes" }),
        signal,
      );
    });
    return { summary: summary(written), dryRun: false };
  } finally {
    await source.close();
  }
}

function describe(
  spec: ReleaseSpec,
  images: readonly ReleaseImage[],
  carried: readonly Carried[],
  blobs: readonly BundleBlob[],
): BundleManifest {
  const chart = carried.find(({ file }) => file.kind === "chart");
  if (chart === undefined) throw new TypeError("a bundle always carries its chart");
  const { images: pinned, ...release } = pinRelease(spec, images, chart.content.digest);
  return {
    apiVersion: bundleVersion,
    kind: "Bundle",
    features: [],
    release,
    images: [...pinned],
    blobs: [...blobs],
    files: carried.map(({ file }) => file),
  };
}

async function carriedFiles(
  releases: ReleaseSource,
  request: CreateRequest,
  spec: ReleaseSpec,
  signal: AbortSignal,
): Promise<readonly Carried[]> {
  const chart = await releases.chart(request.release, spec);
  const files: Carried[] = [
    {
      content: chart,
      file: { path: `chart/${spec.chart.name}-${spec.version}.tgz`, digest: chart.digest, size: chart.size, kind: "chart" },
    },
  ];
  for (const { name, platform, path } of request.tools) {
    const content = await releases.file(path, signal);
    const file: BundledFile = {
      path: `tools/${platform.replaceAll("/", "-")}/${name}`,
      digest: content.digest,
      size: content.size,
      kind: "tool",
      platform,
    };
    if (files.some((other) => other.file.path === file.path))
      throw new Problem("USAGE", { what: `--tool ${name}=${platform} is given twice` });
    files.push({ content, file });
  }
  return files.toSorted((a, b) => (a.file.path < b.file.path ? -1 : 1));
}

/** Where the content of each entry comes from; a shared blob is read through the first image that needs it. */
function reader(
  carried: readonly Carried[],
  source: ImageSource,
  images: readonly ReleaseImage[],
  signal: AbortSignal,
): (entry: BundleContent) => ByteSource {
  return (entry) => {
    if (entry.kind === "file") {
      const found = carried.find(({ file }) => file.path === entry.path);
      if (found === undefined) throw new TypeError(`${entry.path} is not carried`);
      return found.content.read();
    }
    const image = images.find(({ name }) => name === entry.blob.users[0]);
    if (image === undefined) throw new TypeError(`${entry.path} has no user`);
    return source.blob(image, entry.blob, signal);
  };
}
