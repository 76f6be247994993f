import { createHash } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { bundleOpener } from "../../../src/adapters/oci-layout/bundle-opener.ts";
import { createConnector } from "../../../src/adapters/registry/connector.ts";
import type { BundleBlob, BundleManifest } from "../../../src/domain/bundle.ts";
import { blobPath, digestOfHex } from "../../../src/domain/digest.ts";
import { planPush } from "../../../src/workflow/bundle/push-plan.ts";
import { verifyBundle } from "../../../src/workflow/bundle/verify.ts";
import { failure } from "../../fakes/failure.ts";
import { FakeRegistry } from "../../fakes/fake-registry.ts";
import { always, type MadeBundle, makeBundle, onlyTool, rewriteBundle } from "../../fakes/made-bundle.ts";
import { RecordingProgress } from "../../fakes/recording-progress.ts";

const index = "application/vnd.oci.image.index.v1+json";
const layer = "application/vnd.oci.image.layer.v1.tar+gzip";

let made: MadeBundle;
beforeAll(async () => {
  made = await makeBundle({ seed: 13, layerSize: 500 });
});
afterAll(() => made.remove());

function verify(path: string) {
  return verifyBundle({ bundles: bundleOpener, progress: new RecordingProgress() }, path, always);
}

/** Contents and the blobs that they are, for a bundle that is put together by hand. */
function blobOf(content: Buffer, mediaType: string): { readonly blob: BundleBlob; readonly added: readonly [string, Buffer] } {
  const digest = digestOfHex(createHash("sha256").update(content).digest("hex"));
  return { blob: { digest, size: content.length, mediaType, users: ["tool"] }, added: [blobPath(digest), content] };
}

/** A bundle whose one image is that index. */
function withIndex(children: readonly object[], more: readonly ReturnType<typeof blobOf>[] = []): Promise<string> {
  const root = blobOf(Buffer.from(JSON.stringify({ schemaVersion: 2, mediaType: index, manifests: children })), index);
  const change = (manifest: BundleManifest): BundleManifest => {
    const tool = onlyTool(manifest);
    return {
      ...tool,
      images: tool.images.map((image) => ({ ...image, digest: root.blob.digest, size: root.blob.size, mediaType: index })),
      blobs: [...tool.blobs, root.blob, ...more.map(({ blob }) => blob)],
    };
  };
  return rewriteBundle(made, change, new Map([root.added, ...more.map(({ added }) => added)]));
}

async function toolRoot() {
  const file = await made.open();
  const [image] = onlyTool(file.manifest).images;
  await file.close();
  if (image === undefined) throw new Error("the bundle has no tool");
  return { mediaType: image.mediaType, digest: image.digest, size: image.size };
}

describe("verify, when every content is what its digest says, refuses a bundle", () => {
  it("that lacks a layer of one of its images", async () => {
    const path = await rewriteBundle(made, (manifest) => ({
      ...manifest,
      blobs: manifest.blobs.filter(({ digest }) => digest !== made.ownLayer),
    }));
    const problem = await failure(verify(path));
    expect([problem.code, problem.message]).toEqual([
      "BUNDLE_BLOB_MISSING",
      expect.stringContaining(`${made.ownLayer}, which the image "api"`),
    ]);
  });

  it("that lacks a manifest under a nested index", async () => {
    const nested = blobOf(Buffer.from(JSON.stringify({ schemaVersion: 2, manifests: [await toolRoot()] })), index);
    const path = await withIndex([{ mediaType: index, digest: nested.blob.digest, size: nested.blob.size }]);
    expect((await failure(verify(path))).message).toContain(`lacks ${nested.blob.digest}`);
  });

  it("that says a layer belongs to an image which does not refer to it", async () => {
    const stray = blobOf(Buffer.from("hidden"), layer);
    const path = await withIndex([await toolRoot()], [stray]);
    const problem = await failure(verify(path));
    expect([problem.code, problem.message]).toEqual([
      "BUNDLE_INVALID",
      expect.stringContaining(`${stray.blob.digest} names "tool" as its user`),
    ]);
  });

  it("that does not say whom a shared layer belongs to", async () => {
    const path = await rewriteBundle(made, (manifest) => ({
      ...manifest,
      blobs: manifest.blobs.map((blob) => (blob.digest === made.sharedLayer ? { ...blob, users: ["web", "api"] } : blob)),
    }));
    const problem = await failure(verify(path));
    expect([problem.code, problem.message]).toEqual([
      "BUNDLE_INVALID",
      expect.stringContaining('does not name its user, the image "tool"'),
    ]);
  });

  it("whose index gives a manifest another size", async () => {
    const path = await withIndex([{ ...(await toolRoot()), size: 5 }]);
    const problem = await failure(verify(path));
    expect([problem.code, problem.message]).toEqual(["BUNDLE_INVALID", expect.stringContaining('and 5 for the image "tool"')]);
  });

  it("whose index calls a layer a manifest", async () => {
    const text = blobOf(Buffer.from("no manifest"), layer);
    const path = await withIndex([{ mediaType: index, digest: text.blob.digest, size: text.blob.size }], [text]);
    const problem = await failure(verify(path));
    expect([problem.code, problem.message]).toEqual([
      "BUNDLE_INVALID",
      expect.stringContaining(`${text.blob.digest} is no manifest of type`),
    ]);
  });

  it("whose index calls something a manifest that is too large to be read", async () => {
    const giant = blobOf(Buffer.alloc(4 * 1024 * 1024 + 1), layer);
    const path = await withIndex([{ mediaType: index, digest: giant.blob.digest, size: giant.blob.size }], [giant]);
    const problem = await failure(verify(path));
    expect([problem.code, problem.message]).toEqual(["BUNDLE_INVALID", expect.stringContaining("too large for a manifest")]);
  });
});

describe("a manifest is read once, however many indexes lead to it", () => {
  it("by verify and by the plan of a push: forty levels of two do not make 2^40", async () => {
    const levels: ReturnType<typeof blobOf>[] = [];
    let below: object = await toolRoot();
    for (let level = 0; level < 40; level += 1) {
      const made = blobOf(Buffer.from(JSON.stringify({ schemaVersion: 2, mediaType: index, manifests: [below, below], level })), index);
      levels.push(made);
      below = { mediaType: index, digest: made.blob.digest, size: made.blob.size };
    }
    const path = await withIndex([below, below], levels);
    await expect(verify(path)).resolves.toMatchObject({ blobs: 45 });
    const fake = await FakeRegistry.start();
    const target = { host: fake.host, prefix: "p", plainHttp: true };
    const registry = createConnector().connect(target);
    const bundle = await bundleOpener.open(path, always);
    const plan = await planPush(bundle, registry, target, always);
    expect(plan.images.map(({ manifests }) => manifests.length)).toEqual([42]);
    await bundle.close();
    registry.close();
    await fake.close();
  });
});
