import type { Answers } from "../../domain/answers/answers.ts";
import type { BundleOpener } from "../../ports/bundle-file.ts";
import type { CreatePorts } from "../../workflow/bundle/create.ts";
import type { Globals } from "../global-flags.ts";
import { connectRegistry } from "./registry.ts";

/** Where `bundle create` takes images from: an OCI layout on disk, or a registry that is named once the release is read. */
export type ImageOrigin = { readonly layout: string } | { readonly registry: (host: string | undefined) => Promise<Answers["registry"]> };

/** What opens bundles on this host. */
export async function bundlePorts(globals: Globals): Promise<{ readonly bundles: BundleOpener; readonly progress: Globals["progress"] }> {
  const { bundleOpener } = await import("../../adapters/oci-layout/bundle-opener.ts");
  return { bundles: bundleOpener, progress: globals.progress };
}

/** What makes bundles on this host. */
export async function createPorts(origin: ImageOrigin, globals: Globals): Promise<CreatePorts> {
  const { releaseFolder } = await import("../../adapters/oci-layout/release-folder.ts");
  const { bundleWriter } = await import("../../adapters/oci-layout/bundle-writer.ts");
  return {
    releases: releaseFolder,
    writer: bundleWriter,
    progress: globals.progress,
    async images(spec) {
      if ("layout" in origin) return (await import("../../adapters/oci-layout/layout-source.ts")).layoutSource(origin.layout);
      const { registrySource } = await import("../../adapters/registry/registry-source.ts");
      return registrySource(await connectRegistry(await origin.registry(spec.registry), globals));
    },
  };
}
