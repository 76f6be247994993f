const indexTypes: readonly string[] = [
  "application/vnd.oci.image.index.v1+json",
  "application/vnd.docker.distribution.manifest.list.v2+json",
];

const imageTypes: readonly string[] = [
  "application/vnd.oci.image.manifest.v1+json",
  "application/vnd.docker.distribution.manifest.v2+json",
];

/** What a client offers to understand when it asks a registry for a manifest. */
export const manifestTypes: readonly string[] = [...indexTypes, ...imageTypes];

/** True for an index (or Docker manifest list), which has manifests as children. */
export function isIndexType(mediaType: string): boolean {
  return indexTypes.includes(mediaType);
}

/** True for everything that a registry takes under /manifests/ and not under /blobs/. */
export function isManifestType(mediaType: string): boolean {
  return manifestTypes.includes(mediaType);
}
