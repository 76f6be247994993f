import { createHash } from "node:crypto";
import { setTimeout as pause } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import { digestOfHex } from "../../../src/domain/digest.ts";
import type { Descriptor } from "../../../src/domain/oci/descriptor.ts";
import type { ReleaseImage } from "../../../src/domain/release/release.ts";
import type { ImageSource } from "../../../src/ports/bundle-file.ts";
import { collectImages } from "../../../src/workflow/bundle/collect.ts";
import { failure } from "../../fakes/failure.ts";
import { always } from "../../fakes/made-bundle.ts";

const manifestType = "application/vnd.oci.image.manifest.v1+json";
const indexType = "application/vnd.oci.image.index.v1+json";
const ociLayer = "application/vnd.oci.image.layer.v1.tar+gzip";
const dockerLayer = "application/vnd.docker.image.rootfs.diff.tar.gzip";

/** Images in memory, whose manifests can be slow. */
class MemorySource implements ImageSource {
  readonly name = "memory";
  private readonly contents = new Map<string, Buffer>();
  private readonly slow: string | undefined;

  /** `slow` is the name of the image whose manifests take longest. */
  constructor(slow?: string) {
    this.slow = slow;
  }

  add(mediaType: string, content: object): Descriptor {
    const bytes = Buffer.from(JSON.stringify(content));
    const digest = digestOfHex(createHash("sha256").update(bytes).digest("hex"));
    this.contents.set(digest, bytes);
    return { mediaType, digest, size: bytes.length };
  }

  image(name: string, layers: readonly Descriptor[]): ReleaseImage {
    const config = this.add("application/vnd.oci.image.config.v1+json", { name });
    return imageOf(name, this.add(manifestType, { schemaVersion: 2, config, layers }));
  }

  async rootSize({ digest }: ReleaseImage): Promise<number> {
    return this.contents.get(digest)?.length ?? 0;
  }

  async manifest({ name }: ReleaseImage, { digest }: Descriptor): Promise<Uint8Array> {
    if (name === this.slow) await pause(20);
    return this.contents.get(digest) ?? Buffer.alloc(0);
  }

  async *blob(): AsyncGenerator<Uint8Array> {
    yield* [];
  }

  async close(): Promise<void> {}
}

function imageOf(name: string, { mediaType, digest, size }: Descriptor): ReleaseImage {
  return { name, repository: `vendor/${name}`, tag: "1", digest, mediaType, size, platforms: ["linux/amd64"] };
}

describe("collecting the blobs of images", () => {
  it("gives the same list whichever image is read first, also when they name one layer as Docker's and as OCI's", async () => {
    const collect = (slow: string) => {
      const source = new MemorySource(slow);
      const layer = source.add(ociLayer, { layer: "shared" });
      const images = [source.image("one", [{ ...layer, mediaType: dockerLayer }]), source.image("two", [layer])];
      return collectImages(source, images, always);
    };
    const [first, second] = await Promise.all([collect("one"), collect("two")]);
    expect(first).toEqual(second);
    expect(first.blobs.filter(({ users }) => users.length === 2)).toMatchObject([{ mediaType: dockerLayer, users: ["one", "two"] }]);
  });

  it("refuses content that is a manifest in one place and a layer in another", async () => {
    const source = new MemorySource();
    const one = source.image("one", []);
    const root = { mediaType: manifestType, digest: one.digest, size: one.size };
    const two = imageOf("two", source.add(indexType, { schemaVersion: 2, manifests: [{ ...root, mediaType: ociLayer }, root] }));
    const problem = await failure(collectImages(source, [two], always));
    expect([problem.code, problem.message]).toEqual(["IMAGE_SOURCE_ALTERED", expect.stringContaining("a manifest in one place")]);
  });
});
