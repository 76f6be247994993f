import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createConnector } from "../../../src/adapters/registry/connector.ts";
import type { Digest } from "../../../src/domain/digest.ts";
import type { BundleFile } from "../../../src/ports/bundle-file.ts";
import type { RegistryTarget } from "../../../src/ports/registry.ts";
import { type PushResult, push } from "../../../src/workflow/bundle/push.ts";
import { planPush } from "../../../src/workflow/bundle/push-plan.ts";
import { createAuthority } from "../../fakes/certificates.ts";
import { failure } from "../../fakes/failure.ts";
import { FakeRegistry } from "../../fakes/fake-registry.ts";
import { always, type MadeBundle, makeBundle } from "../../fakes/made-bundle.ts";
import type { Seen } from "../../fakes/registry/faults.ts";
import type { FakeAuth } from "../../fakes/registry/login.ts";
import type { Quirks } from "../../fakes/registry/quirks.ts";

const users = { push: { password: "correct horse", push: true } };
const credentials = { username: "push", password: "correct horse" };

/** The patience of a push, in milliseconds instead of seconds. */
const policy = { tries: 6, firstPause: 5, longestPause: 40, longestRetryAfter: 3000 };
const limits = { silence: 3000, answer: 5000 };

let made: MadeBundle;
let bundle: BundleFile;
let fake: FakeRegistry;
let total: number;

beforeEach(async () => {
  made = await makeBundle({ seed: 21, layerSize: 400_000 });
  bundle = await made.open();
  total = bundle.manifest.blobs.reduce((sum, { size }) => sum + size, 0);
});
afterEach(async () => {
  await fake.close();
  await bundle.close();
  made.remove();
});

async function start(options: { readonly quirks?: Partial<Quirks>; readonly auth?: FakeAuth } = {}): Promise<RegistryTarget> {
  fake = await FakeRegistry.start(options);
  return { host: fake.host, prefix: "p", plainHttp: true, credentials };
}

async function pushAll(target: RegistryTarget): Promise<PushResult> {
  const registry = createConnector({ policy, limits }).connect(target);
  try {
    return await push(await planPush(bundle, registry, target, always), bundle, registry, () => undefined, always);
  } finally {
    registry.close();
  }
}

/** Every image stands under its tag with all that belongs to it, byte for byte. */
function expectComplete(): void {
  for (const image of bundle.manifest.images) {
    const repository = fake.store.repositories.get(`p/${image.repository}`);
    expect(repository?.tags.get(image.tag)).toBe(image.digest);
    for (const blob of bundle.manifest.blobs.filter((one) => one.users.includes(image.name))) {
      expect(
        repository?.blobs.has(blob.digest) === true || repository?.manifests.has(blob.digest) === true,
        `${blob.digest} in ${image.repository}`,
      ).toBe(true);
    }
  }
}

const upload = ({ method, path }: Seen) => method === "PUT" && path.includes("/blobs/uploads/");

describe("a push survives", () => {
  it("connections that are cut in the middle of a blob", async () => {
    const target = await start();
    fake.fail(upload, { kind: "cut", afterBytes: 200_000 }, 3);
    await pushAll(target);
    expectComplete();
  });

  it("connections that are cut before anything is read", async () => {
    const target = await start();
    fake.fail(({ path }) => path.includes("/manifests/") || path.includes("/blobs/"), { kind: "cut", afterBytes: 0 }, 4);
    await pushAll(target);
    expectComplete();
  });

  it("an answer that is lost after the blob was stored, without sending it again", async () => {
    const target = await start();
    fake.fail((seen) => upload(seen), { kind: "lost-answer" });
    await pushAll(target);
    expectComplete();
    expect(fake.receivedBytes).toBeLessThanOrEqual(total);
  });

  it("a burst of 503", async () => {
    const target = await start();
    fake.fail(({ path }) => path !== "/v2/", { kind: "answer", status: 503, body: "upstream is restarting" }, 5);
    await pushAll(target);
    expectComplete();
  });

  it("429, and waits as long as Retry-After says", async () => {
    const target = await start();
    fake.fail(({ method }) => method === "POST", { kind: "answer", status: 429, headers: { "retry-after": "1" } });
    const started = performance.now();
    await pushAll(target);
    expectComplete();
    expect(performance.now() - started).toBeGreaterThan(990);
  });

  it("tokens that expire after a few requests, also in the middle of an upload", async () => {
    const target = await start({ auth: { kind: "bearer", users, tokenUses: 3 } });
    fake.fail(
      upload,
      { kind: "answer", status: 401, headers: { "www-authenticate": `Bearer realm="http://${fake.host}/token",service="fake"` } },
      2,
    );
    await pushAll(target);
    expectComplete();
    const tokens = fake.requests.filter(({ path }) => path.startsWith("/token"));
    expect(tokens.length).toBeGreaterThan(3);
    expect(fake.requests.some((seen) => upload(seen) && seen.status === 401)).toBe(true);
    for (const { path, authorization } of fake.requests)
      expect(authorization?.startsWith("Basic ") ?? false).toBe(path.startsWith("/token"));
  });

  it("a token server that takes its time over the token", async () => {
    const target = await start({ auth: { kind: "bearer", users } });
    fake.fail(({ path }) => path.startsWith("/token"), { kind: "slow-content", milliseconds: 1_300 });
    await pushAll(target);
    expectComplete();
  });

  it("a token that is cut off in the middle, by asking again", async () => {
    const target = await start({ auth: { kind: "bearer", users } });
    fake.fail(({ path }) => path.startsWith("/token"), { kind: "half-content" }, 2);
    await pushAll(target);
    expectComplete();
    expect(fake.requests.filter(({ path }) => path.startsWith("/token")).length).toBeGreaterThan(2);
  });

  it("413 for a whole blob: goes over to chunks, and stays with them", async () => {
    const target = await start({ quirks: { largestBody: 300_000 } });
    await pushAll(target);
    expectComplete();
    const refused = fake.requests.filter(({ status }) => status === 413).length;
    expect(refused).toBeGreaterThan(0);
    expect(refused).toBeLessThanOrEqual(8);
    expect(fake.requests.filter(({ method }) => method === "PATCH").length).toBeGreaterThan(3);
  });

  it.each([
    ["a mount that only starts an upload", { mounts: false }],
    ["a mount that is answered 401", { mounts: "unauthorized" }],
    ["an absolute Location", { location: "absolute" }],
    ["201 in answer to a chunk, after 413", { chunkStatus: 201, largestBody: 500_000 }],
    ["204 in answer to a chunk, after 413", { chunkStatus: 204, largestBody: 500_000 }],
    ["a registry that does not tell digests on HEAD", { digestHeader: false }],
  ] as const satisfies readonly (readonly [string, Partial<Quirks>])[])("%s", async (_name, quirks) => {
    const target = await start({ quirks, auth: { kind: "basic", users } });
    await pushAll(target);
    expectComplete();
  });

  it("a Location with http:// from a registry behind TLS, and sends nothing in the clear", async () => {
    const authority = createAuthority("CA");
    fake = await FakeRegistry.start({ tls: authority.issue(["localhost"]), quirks: { location: "behind-tls" } });
    await pushAll({ host: fake.host, prefix: "p", plainHttp: false, caPem: authority.pem });
    expectComplete();
  });
});

describe("a push that cannot succeed ends with", () => {
  it("the refusal of a Location on another host, to which nothing was sent", async () => {
    const stranger = await FakeRegistry.start();
    const target = await start({
      auth: { kind: "basic", users },
      quirks: { location: { origin: `http://127.0.0.1:${stranger.host.split(":")[1]}` } },
    });
    expect((await failure(pushAll(target))).code).toBe("REGISTRY_LOCATION_REFUSED");
    expect(stranger.requests).toEqual([]);
    await stranger.close();
  });

  it("the registry's own words when 503 does not end, after a bounded number of tries", async () => {
    const target = await start();
    fake.fail(() => true, { kind: "answer", status: 503, body: "closed for repair" }, Number.POSITIVE_INFINITY);
    const problem = await failure(pushAll(target));
    expect([problem.code, problem.exit]).toEqual(["REGISTRY_UNAVAILABLE", "transfer"]);
    expect(problem.message).toContain("closed for repair");
    expect(fake.requests.length).toBeLessThanOrEqual(policy.tries);
  });

  it("the quota of the project", async () => {
    expect((await failure(pushAll(await start({ quirks: { quota: 500_000 } })))).code).toBe("REGISTRY_QUOTA");
  });

  it.each([400, 403, 409, 412] as const)("a tag that may not be moved, told from other refusals (%i)", async (status) => {
    const target = await start({ quirks: { immutableTags: status } });
    await pushAll(target);
    await pushAll(target);
    const [image] = bundle.manifest.images;
    const repository = fake.store.repositories.get(`p/${image?.repository}`);
    const [other] = [...(repository?.manifests.keys() ?? [])].filter((digest) => digest !== image?.digest);
    repository?.tags.set(image?.tag ?? "", other ?? "");
    const problem = await failure(pushAll(target));
    expect([problem.code, problem.message]).toEqual(["REGISTRY_TAG_IMMUTABLE", expect.stringContaining(other ?? "?")]);
  });

  it("what the registry stored instead, when reading back gives other bytes", async () => {
    expect((await failure(pushAll(await start({ quirks: { corrupts: true } })))).code).toBe("REGISTRY_CORRUPTED");
  });

  it("the altered blob by name, when the bundle was changed after it was opened", async () => {
    const target = await start();
    const { open } = await import("node:fs/promises");
    const file = await open(made.path, "r+");
    const content = Buffer.alloc(1_000);
    for (let position = 600_000; position < made.summary.size - 2000; position += 300_000)
      await file.write(content, 0, content.length, position);
    await file.close();
    const problem = await failure(pushAll(target));
    expect([problem.code, problem.exit]).toEqual(["BUNDLE_ALTERED", "transfer"]);
  });

  it.each([
    ["shorter", 300, 1000],
    ["longer", 1000, 300],
    ["shorter, in chunks", 300_000, 700_000],
  ])("the fault of this host, at once, when a blob's content is %s than announced", async (_, has, announced) => {
    const target = await start({ quirks: { largestBody: 400_000 } });
    const registry = createConnector({ policy, limits }).connect(target);
    const digest = `sha256:${"0".repeat(64)}` as Digest;
    const content = async function* (from: number) {
      yield Buffer.alloc(has - from);
    };
    const blob = { mediaType: "application/octet-stream", digest, size: announced };
    const problem = await failure(registry.pushBlob("p/x", blob, content, () => undefined, always));
    registry.close();
    expect([problem.code, problem.message]).toEqual(["BUNDLE_ALTERED", expect.stringContaining(digest)]);
    expect(fake.requests.filter(({ method }) => method === "POST").length).toBeLessThanOrEqual(2);
    expect(fake.store.blobs.size).toBe(0);
  });

  it("the reason of whoever cancelled it, and the next push sends only what is missing", async () => {
    const target = await start();
    const registry = createConnector({ policy, limits }).connect(target);
    const cancel = new AbortController();
    const plan = await planPush(bundle, registry, target, always);
    const half = push(plan, bundle, registry, () => fake.store.blobs.size >= 3 && cancel.abort(new Error("enough")), cancel.signal);
    await expect(half).rejects.toThrow("enough");
    registry.close();
    const again = createConnector({ policy, limits }).connect(target);
    const rest = await planPush(bundle, again, target, always);
    const before = fake.requests.length;
    await push(rest, bundle, again, () => undefined, always);
    again.close();
    expectComplete();
    const manifests = bundle.manifest.blobs
      .filter(({ mediaType }) => mediaType.includes("manifest") || mediaType.includes("index"))
      .reduce((sum, { size }) => sum + size, 0);
    const sent = fake.requests.slice(before).filter(({ path }) => path.includes("/blobs/uploads/"));
    expect(rest.bytes).toBeLessThan(total);
    expect(sent.reduce((sum, { bytes }) => sum + bytes, 0)).toBe(rest.bytes - manifests);
  });
});
