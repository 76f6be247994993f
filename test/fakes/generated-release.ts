import { createHash } from "node:crypto";
import { mkdirSync, mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** A small release made for a test: an OCI layout with its lock, and a release folder with its chart. */
export interface GeneratedRelease {
  /** Folder that holds everything; delete it at the end. */
  readonly folder: string;
  readonly layout: string;
  readonly release: string;
  /** Digest of the layer that both applications share, and of a layer that only the second one has. */
  readonly sharedLayer: string;
  readonly ownLayer: string;
}

const index = "application/vnd.oci.image.index.v1+json";
const manifest = "application/vnd.oci.image.manifest.v1+json";

/**
 * Two applications for two platforms that share a base layer, the second one under a nested index, and a tool with a single-platform
 * manifest and an empty layer. `layerSize` is the size of each layer in bytes; equal seeds give equal content.
 */
export function generateRelease({
  seed,
  layerSize = 64 * 1024,
  version = "1.0.0",
}: {
  readonly seed: number;
  readonly layerSize?: number;
  readonly version?: string;
}): GeneratedRelease {
  const folder = mkdtempSync(join(tmpdir(), "migratectl-release-"));
  const layout = join(folder, "layout");
  mkdirSync(join(layout, "blobs", "sha256"), { recursive: true });
  const random = byteSource(seed);
  const store = (mediaType: string, content: Buffer | object) => {
    const bytes = Buffer.isBuffer(content) ? content : Buffer.from(JSON.stringify(content));
    const hex = createHash("sha256").update(bytes).digest("hex");
    writeFileSync(join(layout, "blobs", "sha256", hex), bytes);
    return { mediaType, digest: `sha256:${hex}`, size: bytes.length };
  };
  const layer = (size: number) => store("application/vnd.oci.image.layer.v1.tar+gzip", random(size));
  const image = (architecture: string, layers: readonly object[]) =>
    store(manifest, {
      schemaVersion: 2,
      mediaType: manifest,
      config: store("application/vnd.oci.image.config.v1+json", {
        architecture,
        os: "linux",
        rootfs: { type: "layers", diff_ids: [] },
        seed,
      }),
      layers,
    });
  const bundleOf = (children: readonly object[]) => store(index, { schemaVersion: 2, mediaType: index, manifests: children });
  const base = { amd64: layer(layerSize), arm64: layer(layerSize) };
  const web = bundleOf(
    (["amd64", "arm64"] as const).map((arch) => ({
      ...image(arch, [base[arch], layer(layerSize)]),
      platform: { os: "linux", architecture: arch },
    })),
  );
  const own = layer(layerSize * 3);
  const inner = bundleOf([{ ...image("arm64", [base.arm64, layer(layerSize)]), platform: { os: "linux", architecture: "arm64" } }]);
  const api = bundleOf([{ ...image("amd64", [base.amd64, own]), platform: { os: "linux", architecture: "amd64" } }, inner]);
  const tool = image("amd64", [base.amd64, layer(0)]);
  const both = ["linux/amd64", "linux/arm64"];
  const lock = [
    { name: "web", repository: "vendor/web", tag: version, platforms: both, ...web },
    { name: "api", repository: "vendor/api", tag: version, platforms: both, ...api },
    { name: "tool", repository: "other/web", tag: "t-1", platforms: ["linux/amd64"], ...tool },
  ];
  writeFileSync(join(layout, "oci-layout"), '{"imageLayoutVersion":"1.0.0"}');
  writeFileSync(join(layout, "index.json"), JSON.stringify({ schemaVersion: 2, manifests: [web, api, tool] }));
  writeFileSync(join(layout, "images.lock.json"), JSON.stringify(lock));
  return { folder, layout, release: writeRelease(folder, version), sharedLayer: base.amd64.digest, ownLayer: own.digest };
}

function writeRelease(folder: string, version: string): string {
  const release = join(folder, "release");
  const chart = join(folder, "chart");
  mkdirSync(join(chart, "templates"), { recursive: true });
  mkdirSync(release, { recursive: true });
  writeFileSync(join(chart, "Chart.yaml"), "apiVersion: v2\n# kept\nname: sample\nversion: 0.0.0\nappVersion: 0.0.0\n");
  writeFileSync(join(chart, "values.yaml"), "replicas: 1\n");
  writeFileSync(join(chart, ".helmignore"), "*.swp\n");
  writeFileSync(join(chart, "templates", "config.yaml"), "apiVersion: v1\nkind: ConfigMap\nmetadata: { name: sample }\n");
  writeFileSync(
    join(release, "release.yaml"),
    `apiVersion: migratectl/v1\nkind: Release\nversion: ${version}\nchart: { name: sample, path: ../chart }\nschema: { to: "0001" }\nkubernetes: ">=1.24.0-0"\nupgradeFrom: "<${version}"\nimages: [web, api, tool]\n`,
  );
  return release;
}

/** Bytes of a mulberry32 generator: the same for the same seed. */
function byteSource(seed: number): (size: number) => Buffer {
  let state = seed >>> 0;
  return (size) => {
    const bytes = Buffer.alloc(size);
    for (let at = 0; at < size; at += 1) {
      state = (state + 0x6d2b79f5) >>> 0;
      let mixed = Math.imul(state ^ (state >>> 15), state | 1);
      mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
      bytes[at] = (mixed ^ (mixed >>> 14)) & 0xff;
    }
    return bytes;
  };
}
