import { appendFileSync, copyFileSync, readFileSync, truncateSync, writeFileSync } from "node:fs";
import { open } from "node:fs/promises";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { bundleOpener } from "../../../src/adapters/oci-layout/bundle-opener.ts";
import { encodeHeader } from "../../../src/adapters/tar/tar-header.ts";
import { readEntry, readIndex } from "../../../src/adapters/tar/tar-index.ts";
import { bundleManifestName, parseBundleManifest } from "../../../src/domain/bundle.ts";
import { blobPath, digestOfHex } from "../../../src/domain/digest.ts";
import { inspectBundle } from "../../../src/workflow/bundle/inspect.ts";
import { verifyBundle } from "../../../src/workflow/bundle/verify.ts";
import { failure } from "../../fakes/failure.ts";
import { always, type MadeBundle, makeBundle } from "../../fakes/made-bundle.ts";
import { RecordingProgress } from "../../fakes/recording-progress.ts";

let made: MadeBundle;
let copies = 0;

beforeAll(async () => {
  made = await makeBundle({ seed: 7, layerSize: 2000 });
});
afterAll(() => made.remove());

/** A copy of the bundle to spoil. */
function copy(): string {
  const path = join(made.folder, `copy-${(copies += 1)}.tar`);
  copyFileSync(made.path, path);
  return path;
}

function verify(path: string) {
  return verifyBundle({ bundles: bundleOpener, progress: new RecordingProgress() }, path, always);
}

function flip(path: string, offset: number): void {
  const content = readFileSync(path);
  content.writeUInt8((content[offset] ?? 0) ^ 1, offset);
  writeFileSync(path, content);
}

async function entries(path: string) {
  const file = await open(path);
  const { size } = await file.stat();
  const first = await readEntry(file, 0, size);
  if (first === undefined) throw new Error("an empty bundle");
  const index = await readIndex(file, first, size);
  await file.close();
  return index.entries;
}

describe("a bundle", () => {
  it("starts with its manifest, and holds an OCI layout, the chart and every blob once", async () => {
    const names = (await entries(made.path)).map(({ name }) => name);
    expect(names.slice(0, 4)).toEqual([bundleManifestName, "oci-layout", "index.json", "chart/sample-1.0.0.tgz"]);
    expect(new Set(names).size).toBe(names.length);
    expect(names).toContain(blobPath(digestOfHex(made.sharedLayer.slice(7))));
  });

  it("that is intact passes verification", async () => {
    await expect(verify(made.path)).resolves.toMatchObject({ digest: made.summary.digest });
  });

  it("tells what it holds without a blob being read", async () => {
    const path = copy();
    const index = await entries(path);
    for (const { name, offset, size } of index) if (name.startsWith("blobs/") && size > 0) flip(path, offset);
    const summary = await inspectBundle(bundleOpener, path, always);
    expect(summary.images.map(({ image }) => image.name)).toEqual(["web", "api", "tool"]);
    expect(summary.savedBytes).toBeGreaterThan(0);
    expect(summary.images.reduce((sum, { bytes }) => sum + bytes, 0)).toBe(summary.blobBytes + summary.savedBytes);
  });

  it("reads a blob from any offset", async () => {
    const file = await made.open();
    const digest = digestOfHex(made.ownLayer.slice(7));
    const whole = await collect(file.blob(digest));
    expect(whole).toHaveLength(6000);
    expect(await collect(file.blob(digest, 5999))).toEqual(whole.subarray(5999));
    await file.close();
  });
});

describe("verification names", () => {
  it("a blob that was altered, and the images that it belongs to", async () => {
    const path = copy();
    const name = blobPath(digestOfHex(made.sharedLayer.slice(7)));
    const entry = (await entries(path)).find((other) => other.name === name);
    flip(path, (entry?.offset ?? 0) + 1000);
    const problem = await failure(verify(path));
    expect(problem.code).toBe("BUNDLE_ALTERED");
    expect(problem.message).toContain(name);
    expect(problem.message).toContain("api, tool, web");
    expect(problem.exit).toBe("transfer");
  });

  const seed = Date.now() % 1_000_000;
  it(`one flipped byte wherever it is after the manifest (seed ${seed})`, async () => {
    const [head] = await entries(made.path);
    const first = (head?.offset ?? 0) + (head?.size ?? 0);
    let state = seed;
    for (let round = 0; round < 25; round += 1) {
      state = (state * 48_271 + 1) % 2_147_483_647;
      const offset = first + (state % (made.summary.size - first));
      const path = copy();
      flip(path, offset);
      const problem = await failure(verify(path));
      expect(["BUNDLE_ALTERED", "BUNDLE_SUPERFLUOUS", "BUNDLE_BLOB_MISSING", "BUNDLE_TRUNCATED"], `offset ${offset}`).toContain(
        problem.code,
      );
    }
  });

  it.each([1, 512, 1024, 5000, 20_000])("a file that is %i bytes short as truncated", async (missing) => {
    const path = copy();
    truncateSync(path, made.summary.size - missing);
    expect((await failure(verify(path))).code).toBe("BUNDLE_TRUNCATED");
  });

  it("what was added to its end", async () => {
    const path = copy();
    appendFileSync(path, Buffer.alloc(512));
    expect((await failure(verify(path))).code).toBe("BUNDLE_SUPERFLUOUS");
  });

  it("an entry that its manifest does not name", async () => {
    const path = copy();
    truncateSync(path, made.summary.size - 1024);
    appendFileSync(path, Buffer.concat([encodeHeader("blobs/sha256/stowaway", 3), Buffer.alloc(512, "x\0\0"), Buffer.alloc(1024)]));
    const problem = await failure(verify(path));
    expect([problem.code, problem.message]).toEqual(["BUNDLE_SUPERFLUOUS", expect.stringContaining("blobs/sha256/stowaway")]);
  });

  it("an entry that is missing", async () => {
    const path = copy();
    const last = (await entries(path)).at(-1);
    truncateSync(path, (last?.offset ?? 0) - 512);
    appendFileSync(path, Buffer.alloc(1024));
    const problem = await failure(verify(path));
    expect([problem.code, problem.message]).toEqual(["BUNDLE_BLOB_MISSING", expect.stringContaining(last?.name ?? "?")]);
  });
});

describe("what is no bundle is refused:", () => {
  it.each([
    ["an empty file", Buffer.alloc(0), "BUNDLE_TRUNCATED"],
    ["a few bytes", Buffer.from("hello"), "BUNDLE_INVALID"],
    ["a compressed bundle", gzipSync(Buffer.alloc(5000)), "BUNDLE_INVALID"],
    ["another tar", Buffer.concat([encodeHeader("something", 0), Buffer.alloc(1024)]), "BUNDLE_INVALID"],
  ])("%s", async (name, content, code) => {
    const path = join(made.folder, name);
    writeFileSync(path, content);
    expect((await failure(bundleOpener.open(path, always))).code).toBe(code);
  });

  it("a folder, and a file that is not there", async () => {
    expect((await failure(bundleOpener.open(made.folder, always))).code).toBe("BUNDLE_INVALID");
    expect((await failure(bundleOpener.open(join(made.folder, "none.tar"), always))).code).toBe("FILE_UNREADABLE");
  });

  it("one of a newer format, which is told apart from one that is not valid", () => {
    expect(() => parseBundleManifest('{"apiVersion":"migratectl/v2","kind":"Bundle"}', "x.tar")).toThrow(
      expect.objectContaining({ code: "BUNDLE_NEWER" }),
    );
    expect(() => parseBundleManifest('{"apiVersion":"migratectl/v1","kind":"Bundle"}', "x.tar")).toThrow(
      expect.objectContaining({ code: "BUNDLE_INVALID" }),
    );
    expect(() => parseBundleManifest("{", "x.tar")).toThrow(expect.objectContaining({ code: "BUNDLE_INVALID" }));
  });
});

async function collect(source: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of source) chunks.push(Buffer.from(chunk));
  return Buffer.concat(chunks);
}
