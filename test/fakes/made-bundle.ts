import { rmSync } from "node:fs";
import { join } from "node:path";
import { bundleOpener } from "../../src/adapters/oci-layout/bundle-opener.ts";
import { bundleWriter } from "../../src/adapters/oci-layout/bundle-writer.ts";
import { layoutSource } from "../../src/adapters/oci-layout/layout-source.ts";
import { releaseFolder } from "../../src/adapters/oci-layout/release-folder.ts";
import type { BundleManifest } from "../../src/domain/bundle.ts";
import type { BundleFile, ByteSource } from "../../src/ports/bundle-file.ts";
import { type CreatePorts, createBundle, type ToolFile } from "../../src/workflow/bundle/create.ts";
import type { BundleSummary } from "../../src/workflow/bundle/summary.ts";
import { type GeneratedRelease, generateRelease } from "./generated-release.ts";
import { RecordingProgress } from "./recording-progress.ts";

/** Never aborts. */
export const always = new AbortController().signal;

/** A generated release made into a bundle by the real thing. */
export interface MadeBundle extends GeneratedRelease {
  readonly path: string;
  readonly summary: BundleSummary;
  open(): Promise<BundleFile>;
  remove(): void;
}

/** The ports of `bundle create` over an OCI layout on disk. */
export function layoutPorts(layout: string): CreatePorts {
  return { releases: releaseFolder, writer: bundleWriter, progress: new RecordingProgress(), images: async () => layoutSource(layout) };
}

/** Generates a release and makes its bundle; see {@link generateRelease} for what is in it. */
export async function makeBundle(options: {
  readonly seed: number;
  readonly layerSize?: number;
  readonly version?: string;
  readonly tools?: readonly ToolFile[];
}): Promise<MadeBundle> {
  const generated = generateRelease(options);
  const path = join(generated.folder, "bundle.tar");
  const request = {
    release: generated.release,
    lock: join(generated.layout, "images.lock.json"),
    tools: options.tools ?? [],
    out: path,
    dryRun: false,
  };
  const { summary } = await createBundle(layoutPorts(generated.layout), request, always);
  return {
    ...generated,
    path,
    summary,
    open: () => bundleOpener.open(path, always),
    remove: () => rmSync(generated.folder, { recursive: true, force: true }),
  };
}

/**
 * Writes a bundle whose manifest was changed; contents that the original has are its, others come from `added` by path. Gives its path.
 * @throws what the writer throws
 */
export async function rewriteBundle(
  made: MadeBundle,
  change: (manifest: BundleManifest) => BundleManifest,
  added: ReadonlyMap<string, Buffer> = new Map(),
): Promise<string> {
  const original = await made.open();
  const manifest = change(original.manifest);
  const path = join(made.folder, `rewritten-${sequence.next().value}.tar`);
  async function* given(content: Buffer): ByteSource {
    yield content;
  }
  const read = (entry: { readonly path: string; readonly kind: string }) => {
    const content = added.get(entry.path);
    if (content !== undefined) return given(content);
    const blob = original.manifest.blobs.find(({ digest }) => entry.path.endsWith(digest.slice("sha256:".length)));
    return blob === undefined ? original.file(entry.path) : original.blob(blob.digest);
  };
  try {
    await bundleWriter.write(path, manifest, read, () => undefined, always);
  } finally {
    await original.close();
  }
  return path;
}

/** The smallest bundle: one image of one platform, its config, a layer, an empty layer, and the chart. */
export function onlyTool(manifest: BundleManifest): BundleManifest {
  return {
    ...manifest,
    images: manifest.images.filter(({ name }) => name === "tool"),
    blobs: manifest.blobs.flatMap((blob) => (blob.users.includes("tool") ? [{ ...blob, users: ["tool"] }] : [])),
  };
}

const sequence = (function* () {
  for (let number = 1; ; number += 1) yield number;
})();
