import { mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createWorkFolder } from "../../../src/adapters/node/work-folder.ts";
import { bundleOpener } from "../../../src/adapters/oci-layout/bundle-opener.ts";
import { releaseFolder } from "../../../src/adapters/oci-layout/release-folder.ts";
import { bundlePresenter } from "../../../src/cli/presenters/bundle.ts";
import { createStyle } from "../../../src/cli/presenters/style.ts";
import { type BundleManifest, formatBundleManifest, parseBundleManifest } from "../../../src/domain/bundle.ts";
import { digestSchema } from "../../../src/domain/digest.ts";
import { largestManifest } from "../../../src/domain/oci/manifest.ts";
import { inspectBundle } from "../../../src/workflow/bundle/inspect.ts";
import { verifyBundle } from "../../../src/workflow/bundle/verify.ts";
import { stageRelease } from "../../../src/workflow/release/stage-release.ts";
import { failure } from "../../fakes/failure.ts";
import { always, type MadeBundle, makeBundle, rewriteBundle } from "../../fakes/made-bundle.ts";
import { RecordingProgress } from "../../fakes/recording-progress.ts";

let made: MadeBundle;
let manifest: BundleManifest;

beforeAll(async () => {
  made = await makeBundle({ seed: 9, layerSize: 500 });
  const file = await made.open();
  manifest = file.manifest;
  await file.close();
});
afterAll(() => made.remove());

/** The manifest as JSON that may be changed in any way. */
type Json = Record<string, unknown> & {
  readonly release: Record<string, unknown>;
  readonly images: Record<string, unknown>[];
  readonly blobs: Record<string, unknown>[];
  readonly files: Record<string, unknown>[];
};

/** How a manifest is read after a change. */
function reading(change: (json: Json) => void): () => BundleManifest {
  const json: Json = JSON.parse(formatBundleManifest(manifest));
  change(json);
  return () => parseBundleManifest(JSON.stringify(json), "x.tar");
}

function refused(code: string, what: string) {
  return expect.objectContaining({ code, message: expect.stringContaining(what) });
}

const other = digestSchema.parse(`sha256:${"0".repeat(64)}`);

describe("a manifest of a later migratectl", () => {
  it("is read when it has more fields than this one knows, which are left out", () => {
    const more = reading((json) => {
      for (const one of [json, json.release, ...json.images, ...json.blobs, ...json.files]) Object.assign(one, { later: { field: 1 } });
      Object.assign(json.release, { notes: [{ text: "Read this.", severity: "high" }] });
    });
    const notes = [{ text: "Read this.", answers: [] }];
    expect(more()).toEqual({ ...manifest, release: { ...manifest.release, notes } });
  });

  it("is read when it carries files of a kind that nobody knows here", () => {
    const file = { path: "attestations/web/one.json", digest: other, size: 3, kind: "attestation" };
    expect(reading((json) => json.files.push(file))().files).toContainEqual(file);
  });

  it("is refused as newer when it names a feature, whatever else it says", () => {
    expect(reading((json) => Object.assign(json, { features: ["delta"], base: { digest: other } }))).toThrow(
      refused("BUNDLE_NEWER", "delta"),
    );
    expect(reading((json) => Object.assign(json, { features: ["unheard-of"], images: "elsewhere" }))).toThrow(
      refused("BUNDLE_NEWER", "unheard-of"),
    );
    expect(reading((json) => Object.assign(json, { apiVersion: "migratectl/v2" }))).toThrow(refused("BUNDLE_NEWER", "migratectl/v2"));
  });

  it.each([
    ["referrers", "referrers", (json: Json) => Object.assign(json, { referrers: [] })],
    ["base", "delta", (json: Json) => Object.assign(json, { base: null })],
    ["blobs[].in", "delta", (json: Json) => Object.assign(json.blobs[3] ?? {}, { in: "here" })],
  ])("is refused when it has the reserved field %s without the feature %s", (field, feature, change) => {
    expect(reading(change)).toThrow(refused("BUNDLE_INVALID", `${field} belongs to the feature ${feature}`));
  });
});

describe("a manifest is refused that does not agree with itself:", () => {
  const first = <T>(items: readonly T[]): T => {
    const [item] = items;
    if (item === undefined) throw new Error("there is none");
    return item;
  };
  const rootOf = (json: Json) => json.blobs.find(({ digest }) => digest === first(json.images)["digest"]);

  it.each<[string, string, (json: Json) => unknown]>([
    ["no list of features", "features", (json) => Reflect.deleteProperty(json, "features")],
    ["no images", "images", (json) => Object.assign(json, { images: [] })],
    [
      "another chart than the one it carries",
      "release.chart.digest",
      ({ release }) => Object.assign(release, { chart: { name: "sample", version: "1.0.0", digest: other } }),
    ],
    ["no chart for its release", "0 charts", (json) => Object.assign(json, { files: [] })],
    ["two charts for its release", "2 charts", ({ files }) => files.push({ ...first(files), path: "chart/second.tgz" })],
    ["a chart and no release", "no release", (json) => Reflect.deleteProperty(json, "release")],
    ["a file twice", "named twice", ({ files }) => files.push({ ...first(files), kind: "document" })],
    ["an image whose digest is no blob", "not among the blobs", ({ images }) => Object.assign(first(images), { digest: other })],
    ["an image of another size than its blob", "does not fit its blob", ({ images }) => Object.assign(first(images), { size: 17 })],
    [
      "an image whose blob is a layer",
      "does not fit its blob",
      (json) => Object.assign(rootOf(json) ?? {}, { mediaType: "application/layer" }),
    ],
    [
      "an image whose blob belongs to another one",
      "does not fit its blob",
      (json) => Object.assign(rootOf(json) ?? {}, { users: ["tool"] }),
    ],
    [
      "an image that is no manifest",
      "images[0].mediaType",
      ({ images }) => Object.assign(first(images), { mediaType: "application/layer" }),
    ],
    ["two images of one name", "is named twice", ({ images }) => images.push({ ...first(images), tag: "other" })],
    [
      "two images under one tag",
      "two images have the name vendor/web:1.0.0",
      ({ images }) => images.push({ ...first(images), name: "other" }),
    ],
    ["a blob twice", "named twice", ({ blobs }) => blobs.push(first(blobs))],
    ["a blob of an image that is not there", "no image of the bundle", ({ blobs }) => Object.assign(first(blobs), { users: ["nobody"] })],
    ["a blob that names its user twice", "twice", ({ blobs }) => Object.assign(first(blobs), { users: ["web", "web"] })],
    ["a blob of no image", "users", ({ blobs }) => Object.assign(first(blobs), { users: [] })],
    [
      "a manifest that is too large for memory",
      "too large for a manifest",
      (json) => Object.assign(rootOf(json) ?? {}, { size: largestManifest + 1 }),
    ],
    [
      "a migration twice",
      "names a migration twice",
      ({ release }) => Object.assign(release, { migrations: [migration("0001"), migration("0001")] }),
    ],
    [
      "migrations that end elsewhere",
      "ends at 0000, but schema.to is 0001",
      ({ release }) => Object.assign(release, { migrations: [migration("0000")] }),
    ],
    [
      "a way without migrations",
      "ends at 0000, but schema.to is 0001",
      ({ release }) => Object.assign(release, { schema: { from: "0000", to: "0001" } }),
    ],
    [
      "a migration that has run before",
      "has run before",
      ({ release }) => Object.assign(release, { schema: { from: "0001", to: "0001" }, migrations: [migration("0001")] }),
    ],
  ])("%s", (_what, why, change) => {
    expect(reading(change)).toThrow(refused("BUNDLE_INVALID", why));
  });

  it.each([
    "blobs/x",
    "oci-layout/x",
    "index.json/x",
    "migratectl.bundle.sig/x",
    "migratectl/x",
    "top",
    "a//b",
    "../x",
    "a/../b",
    "a/.",
    "/a/b",
    "a\\b/c",
    "a/\u0000",
  ])("a file at %j", (path) => {
    expect(reading(({ files }) => files.push({ path, digest: other, size: 1, kind: "document" }))).toThrow(
      refused("BUNDLE_INVALID", "files"),
    );
  });

  it("and none of them can be written either", () => {
    expect(() => formatBundleManifest({ ...manifest, files: [] })).toThrow(TypeError);
  });

  it("naming the first faults and counting the rest", () => {
    const faults = reading(({ blobs }) => {
      for (const blob of blobs) Object.assign(blob, { users: ["nobody"] });
    });
    expect(faults).toThrow(refused("BUNDLE_INVALID", "more"));
  });
});

describe("a bundle of images only", () => {
  const imagesOnly = () => rewriteBundle(made, ({ release: _release, ...rest }) => ({ ...rest, files: [] }));
  const ports = { bundles: bundleOpener, progress: new RecordingProgress() };

  it("is inspected and verified like any other", async () => {
    const path = await imagesOnly();
    const summary = await inspectBundle(bundleOpener, path, always);
    expect(summary.release).toBeUndefined();
    expect(summary.images.map(({ image }) => image.name)).toEqual(["web", "api", "tool"]);
    const json = bundlePresenter.schema.parse(bundlePresenter.json(summary));
    expect(json).not.toHaveProperty("release");
    expect(bundlePresenter.text(summary, createStyle(false))).toMatch(/^images only {2}.*\n(?!.*database schema)/s);
    await expect(verifyBundle(ports, path, always)).resolves.toMatchObject({ digest: summary.digest });
  });

  it("cannot be installed, and says why", async () => {
    const folder = join(made.folder, "work");
    mkdirSync(folder);
    const origin = { kind: "bundle", path: await imagesOnly() } as const;
    const stage = { bundles: bundleOpener, releases: releaseFolder, folder: createWorkFolder(folder), platform: "linux/amd64" };
    const problem = await failure(stageRelease(origin, stage, always));
    expect([problem.code, problem.message]).toEqual(["BUNDLE_NO_RELEASE", expect.stringContaining("3 images and no release")]);
    const staged = await stageRelease({ kind: "bundle", path: made.path }, stage, always);
    expect([staged.release.images.length, staged.release.schema.to]).toEqual([3, "0001"]);
    expect(readFileSync(staged.chart).length).toBeGreaterThan(100);
  });
});

function migration(id: string) {
  return { id, kind: "expand", reversible: true };
}
