import { createHash } from "node:crypto";
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from "vitest";
import { createConnector, createReader } from "../../../src/adapters/registry/connector.ts";
import type { BundleManifest } from "../../../src/domain/bundle.ts";
import { type Digest, digestOfHex } from "../../../src/domain/digest.ts";
import type { Registry, RegistryTarget } from "../../../src/ports/registry.ts";
import { push } from "../../../src/workflow/bundle/push.ts";
import { planPush } from "../../../src/workflow/bundle/push-plan.ts";
import { failure } from "../../fakes/failure.ts";
import { always, type MadeBundle, makeBundle } from "../../fakes/made-bundle.ts";

/** A registry to be tried. */
export interface Subject {
  readonly target: RegistryTarget;
  stop(): Promise<void>;
}

/** In what registries differ, all within the specification. */
export interface Abilities {
  /** Mounts blobs of other repositories; one that does not is sent them again. */
  readonly mounts: boolean;
  /** Refuses a manifest while what it refers to is missing. */
  readonly checksManifests: boolean;
}

/** What every registry does for the client, whoever may come in. */
export function registryContract(start: () => Promise<Subject>, { mounts, checksManifests }: Abilities): void {
  let subject: Subject;
  let registry: Registry;
  let bundle: MadeBundle;

  beforeAll(async () => {
    subject = await start();
    bundle = await makeBundle({ seed: 1 });
  });
  afterAll(async () => {
    await subject?.stop();
    bundle?.remove();
  });
  beforeEach(() => {
    registry = createConnector().connect(subject.target);
  });
  afterEach(() => registry?.close());

  it("keeps a blob that was pushed, and says so with its size", async () => {
    const blob = blobOf("content of a layer");
    expect(await registry.hasBlob("a/one", blob.descriptor, always)).toBe(false);
    await registry.pushBlob("a/one", blob.descriptor, blob.read, () => undefined, always);
    expect(await registry.hasBlob("a/one", blob.descriptor, always)).toBe(true);
    expect(await registry.hasBlob("a/one", { ...blob.descriptor, size: 3 }, always)).toBe(false);
    expect(await collect(registry.blob("a/one", blob.descriptor, always))).toBe("content of a layer");
  });

  it("takes an empty blob", async () => {
    const blob = blobOf("");
    await registry.pushBlob("a/empty", blob.descriptor, blob.read, () => undefined, always);
    expect(await registry.hasBlob("a/empty", blob.descriptor, always)).toBe(true);
  });

  it(mounts ? "mounts a blob from the repository that has it, without a byte sent" : "does not mount, and says so", async () => {
    const blob = blobOf("shared");
    await registry.pushBlob("a/from", blob.descriptor, blob.read, () => undefined, always);
    expect(await registry.mountBlob("a/into", blob.descriptor, "a/from", always)).toBe(mounts);
    expect(await registry.hasBlob("a/from", blob.descriptor, always)).toBe(true);
    if (mounts) expect(await registry.hasBlob("a/into", blob.descriptor, always)).toBe(true);
  });

  it("does not mount what the other repository does not have", async () => {
    expect(await registry.mountBlob("a/into", blobOf("nowhere").descriptor, "a/from", always)).toBe(false);
  });

  it("refuses content that is not what its digest says", async () => {
    const blob = blobOf("announced");
    const error = await failure(registry.pushBlob("a/one", blob.descriptor, blobOf("different").read, () => undefined, always));
    expect(error.code).toBe("REGISTRY_CORRUPTED");
  });

  it(`${checksManifests ? "refuses" : "takes"} a manifest while what it refers to is missing`, async () => {
    const config = blobOf("never pushed").descriptor;
    const content = Buffer.from(
      JSON.stringify({
        schemaVersion: 2,
        mediaType: "application/vnd.oci.image.manifest.v1+json",
        config: { ...config, mediaType: "application/vnd.oci.image.config.v1+json" },
        layers: [],
      }),
    );
    const manifest = { mediaType: "application/vnd.oci.image.manifest.v1+json", digest: digestOf(content), size: content.length };
    const pushing = registry.pushManifest("a/one", "tag", manifest, content, always);
    if (checksManifests) expect((await failure(pushing)).code).toBe("REGISTRY_REFUSED");
    else await pushing;
    expect(await registry.manifestDigest("a/one", "tag", always)).toBe(checksManifests ? undefined : manifest.digest);
  });

  it("takes a whole bundle: shared layers once, nested indexes, two platforms, tags that give the right digests", async () => {
    const file = await bundle.open();
    const target = { ...subject.target, prefix: "team/x" };
    const plan = await planPush(file, registry, target, always);
    const told: number[] = [];
    const result = await push(plan, file, registry, ({ done }) => told.push(done), always);
    expect(plan.images.map(({ state }) => state.kind)).toEqual(["missing", "missing", "missing"]);
    const once = file.manifest.blobs.reduce((sum, { size }) => sum + size, 0);
    expect(plan.bytes).toBe(once);
    expect(result.sentBytes).toBe(once + (mounts ? 0 : sharedBlobs(file.manifest).reduce((sum, { size, more }) => sum + size * more, 0)));
    expect(result.mountedBlobs).toBe(mounts ? sharedBlobs(file.manifest).reduce((sum, { more }) => sum + more, 0) : 0);
    expect(told.at(-1)).toBe(result.sentBytes);
    expect(result.references).toEqual(
      file.manifest.images.map((image) => `${target.host}/team/x/${image.repository}:${image.tag}@${image.digest}`),
    );
    for (const image of file.manifest.images)
      expect((await registry.manifest(`team/x/${image.repository}`, image.tag, always))?.digest).toBe(image.digest);
    await file.close();
  });

  it("gets nothing a second time", async () => {
    const file = await bundle.open();
    const plan = await planPush(file, registry, { ...subject.target, prefix: "team/x" }, always);
    expect(plan).toMatchObject({ bytes: 0, transfers: [] });
    const result = await push(plan, file, registry, () => undefined, always);
    expect(result).toMatchObject({ sentBytes: 0, uploadedBlobs: 0, mountedBlobs: 0, presentImages: 3 });
    await file.close();
  });

  it("tells which images it has under which prefix", async () => {
    const reader = createReader();
    const [image] = bundle.summary.images.map((one) => one.image);
    if (image === undefined) throw new Error("the bundle has no image");
    expect(await reader.hasManifest({ ...subject.target, prefix: "team/x" }, image.repository, image.digest, always)).toBe(true);
    expect(await reader.hasManifest({ ...subject.target, prefix: "team/y" }, image.repository, image.digest, always)).toBe(false);
  });

  it("is found usable by the probe, which leaves nothing behind", async () => {
    const reading = await createReader().probe({ ...subject.target, prefix: "probe/here" }, always);
    expect(reading).toMatchObject({ kind: "usable", writable: true });
    expect(reading.kind === "usable" && reading.detail).toContain("probe/here");
  });
}

/** What a registry does that speaks TLS and asks for a password. */
export function guardedContract(start: () => Promise<Subject>): void {
  let subject: Subject;
  let registry: Registry;

  beforeAll(async () => {
    subject = await start();
  });
  afterAll(() => subject?.stop());
  beforeEach(() => {
    registry = createConnector().connect(subject.target);
  });
  afterEach(() => registry?.close());

  it("answers a ping with the right password", async () => {
    await expect(registry.ping(always)).resolves.toBeUndefined();
  });

  it("refuses a wrong password, and the error does not repeat it", async () => {
    const wrong = createConnector().connect({ ...subject.target, credentials: { username: "push", password: "wrong-secret" } });
    const error = await failure(wrong.ping(always));
    wrong.close();
    expect(error.code).toBe("REGISTRY_UNAUTHORIZED");
    expect(JSON.stringify([error.message, error.why, error.fix, error.data, String(error.stack)])).not.toContain("wrong-secret");
  });

  it("refuses to talk without credentials", async () => {
    const { credentials: _, ...anonymous } = subject.target;
    const stranger = createConnector().connect(anonymous);
    expect((await failure(stranger.ping(always))).code).toBe("REGISTRY_UNAUTHORIZED");
    stranger.close();
  });

  it("tells the probe until when its certificate holds", async () => {
    const reading = await createReader().probe({ ...subject.target, prefix: "probe/here" }, always);
    expect(reading.kind === "usable" && Date.parse(reading.certificateNotAfter ?? "")).toBeGreaterThan(Date.now());
  });
}

/** Every blob that is no manifest is sent to one repository, and mounted into the `more` other ones that need it. */
function sharedBlobs({ blobs }: BundleManifest): readonly { readonly size: number; readonly more: number }[] {
  return blobs
    .filter(({ mediaType }) => !mediaType.includes("manifest") && !mediaType.includes("index"))
    .map(({ size, users }) => ({ size, more: users.length - 1 }));
}

function blobOf(text: string) {
  const content = Buffer.from(text);
  const descriptor = { mediaType: "application/vnd.oci.image.layer.v1.tar", digest: digestOf(content), size: content.length };
  return {
    descriptor,
    async *read() {
      yield content;
    },
  };
}

function digestOf(content: Buffer): Digest {
  return digestOfHex(createHash("sha256").update(content).digest("hex"));
}

async function collect(source: AsyncIterable<Uint8Array>): Promise<string> {
  let text = "";
  for await (const chunk of source) text += Buffer.from(chunk).toString();
  return text;
}
