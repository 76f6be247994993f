import { rmSync } from "node:fs";
import { join } from "node:path";
import { bundleOpener } from "../../src/adapters/oci-layout/bundle-opener.ts";
import { bundleWriter } from "../../src/adapters/oci-layout/bundle-writer.ts";
import { layoutSource } from "../../src/adapters/oci-layout/layout-source.ts";
import { releaseFolder } from "../../src/adapters/oci-layout/release-folder.ts";
import type { BundleFile } from "../../src/ports/bundle-file.ts";
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
  const request = { release: generated.release, lock: join(generated.layout, "images.lock.json"), tools: options.tools ?? [], out: path };
  const summary = await createBundle(layoutPorts(generated.layout), request, always);
  return {
    ...generated,
    path,
    summary,
    open: () => bundleOpener.open(path, always),
    remove: () => rmSync(generated.folder, { recursive: true, force: true }),
  };
}
