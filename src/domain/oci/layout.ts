import type { ReleaseImage } from "../release/release.ts";

/** Content of the `oci-layout` file. */
export const ociLayoutContent = '{"imageLayoutVersion":"1.0.0"}\n';

/** `index.json` of a layout that holds these images, named `repository:tag`; equal images give equal bytes. */
export function layoutIndex(images: readonly ReleaseImage[]): string {
  const manifests = images.map(({ mediaType, digest, size, repository, tag }) => ({
    mediaType,
    digest,
    size,
    annotations: { "org.opencontainers.image.ref.name": `${repository}:${tag}` },
  }));
  return `${JSON.stringify({ schemaVersion: 2, mediaType: "application/vnd.oci.image.index.v1+json", manifests }, undefined, 2)}\n`;
}
