import { createHash } from "node:crypto";
import type { WorkFolder } from "../../ports/work-folder.ts";
import { type RenderPorts, type RenderRequest, renderRelease } from "./render-release.ts";

/** One file that render wrote (or, in a dry run, would write). */
interface RenderedFile {
  readonly name: string;
  readonly bytes: number;
  /** Hex sha256 of the content. */
  readonly sha256: string;
}

/** What `render` did. */
export interface RenderResult {
  readonly release: { readonly name: string; readonly namespace: string; readonly version: string };
  readonly profile: string;
  readonly kubeVersion: string;
  readonly folder: string;
  readonly written: boolean;
  readonly files: readonly RenderedFile[];
  readonly images: readonly string[];
}

/** Renders the release and writes values.yaml, manifests.yaml and the documents; equal requests write equal bytes. Throws as renderRelease and {@link WorkFolder}. */
export async function renderToFolder(
  request: RenderRequest,
  ports: RenderPorts & { readonly folder: WorkFolder },
  dryRun: boolean,
  signal: AbortSignal,
): Promise<RenderResult> {
  const { values, manifests, documents, images } = await renderRelease(request, ports, signal);
  const files = [{ name: "values.yaml", content: values }, { name: "manifests.yaml", content: manifests }, ...documents];
  if (!dryRun) for (const { name, content } of files) await ports.folder.write(name, content);
  const { release, profile } = request.answers;
  return {
    release: { name: release.name, namespace: release.namespace, version: request.release.version },
    profile,
    kubeVersion: request.capabilities.kubeVersion,
    folder: ports.folder.path,
    written: !dryRun,
    files: files.map(({ name, content }) => ({
      name,
      bytes: Buffer.byteLength(content),
      sha256: createHash("sha256").update(content).digest("hex"),
    })),
    images,
  };
}
