import { openSync, readFileSync, writeFileSync, writeSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { bundleOpener } from "../../../src/adapters/oci-layout/bundle-opener.ts";
import { encodeHeader, tarBlock } from "../../../src/adapters/tar/tar-header.ts";
import { bundleManifestName, bundleSignatureName, largestSignature } from "../../../src/domain/bundle.ts";
import { inspectBundle } from "../../../src/workflow/bundle/inspect.ts";
import { verifyBundle } from "../../../src/workflow/bundle/verify.ts";
import { failure } from "../../fakes/failure.ts";
import { always, type MadeBundle, makeBundle, onlyTool, rewriteBundle } from "../../fakes/made-bundle.ts";
import { RecordingProgress } from "../../fakes/recording-progress.ts";
import { entry, headOf, inserted, paxComment, type RawEntry, rawEntries, replaced, resealed, tamper } from "./tampering.ts";

let made: MadeBundle;
let path: string;
let tar: Buffer;
let entries: readonly RawEntry[];
let digest: string;
let copies = 0;

beforeAll(async () => {
  made = await makeBundle({ seed: 5, layerSize: 700 });
  path = await rewriteBundle(made, onlyTool);
  tar = readFileSync(path);
  entries = rawEntries(tar);
  digest = (await verify(tar)).digest;
});
afterAll(() => made.remove());

function store(content: Buffer): string {
  const copy = join(made.folder, `tampered-${(copies += 1)}.tar`);
  writeFileSync(copy, content);
  return copy;
}

function verify(content: Buffer) {
  return verifyBundle({ bundles: bundleOpener, progress: new RecordingProgress() }, store(content), always);
}

/** How opening the bytes fails; opening is enough, no content is read. */
function refusal(content: Buffer) {
  return failure(bundleOpener.open(store(content), always));
}

function named(name: string): RawEntry {
  const found = entries.find((one) => one.name === name);
  if (found === undefined) throw new Error(`no entry ${name}`);
  return found;
}

/** Every byte offset that is no content of a blob or file. */
function frameOffsets(): readonly number[] {
  const free = new Set<number>();
  for (const { name, offset, size } of entries)
    if (/^(blobs|chart)\//.test(name)) for (let at = offset; at < offset + size; at += 1) free.add(at);
  return Array.from(tar.keys()).filter((at) => !free.has(at));
}

describe("opening a bundle", () => {
  const codes = ["BUNDLE_ALTERED", "BUNDLE_SUPERFLUOUS", "BUNDLE_BLOB_MISSING", "BUNDLE_TRUNCATED", "BUNDLE_INVALID", "BUNDLE_NEWER"];

  const stride = 6;
  const phase = Date.now() % stride;
  it(`refuses it for a single altered byte outside its blobs and files, or gives it another digest (every ${stride}th, from ${phase})`, async () => {
    const copy = store(tar);
    const file = openSync(copy, "r+");
    const head = { from: tarBlock, to: tarBlock + headOf(tar).length };
    const offsets = frameOffsets().filter((at) => at % stride === phase);
    for (const at of offsets) {
      writeSync(file, Buffer.from([(tar[at] ?? 0) ^ (1 << (at % 8))]), 0, 1, at);
      const outcome = await bundleOpener.open(copy, always).then(
        async (bundle) => {
          await bundle.close();
          return bundle.digest === digest || at < head.from || at >= head.to ? `byte ${at} passes` : "other digest";
        },
        (error: unknown) => (error instanceof Error && "code" in error ? error.code : String(error)),
      );
      expect([...codes, "other digest"], `byte ${at}`).toContain(outcome);
      writeSync(file, tar, at, 1, at);
    }
    expect(offsets.length).toBeGreaterThan((entries.length * tarBlock) / stride);
    await expect(verifyBundle({ bundles: bundleOpener, progress: new RecordingProgress() }, copy, always)).resolves.toMatchObject({
      digest,
    });
  }, 60_000);

  it("does not read contents, which verify names when they are altered", async () => {
    for (const { name, offset, size } of entries.filter((one) => /^(blobs|chart)\//.test(one.name) && one.size > 0)) {
      const at = offset + Math.floor(size / 2);
      const altered = replaced(tar, at, Buffer.from([(tar[at] ?? 0) ^ 1]));
      await (await bundleOpener.open(store(altered), always)).close();
      expect((await failure(verify(altered))).message).toContain(name);
    }
  });

  const seed = Date.now() % 2 ** 31;
  it(`and verifying it lets no change pass that leaves the digest as it was (seed ${seed})`, async () => {
    let state = seed;
    const random = (below: number): number => {
      state = (state * 48_271 + 11) % 2_147_483_647;
      return state % below;
    };
    let changes = 0;
    for (let round = 0; round < 400; round += 1) {
      const tampered = tamper(tar, random);
      if (tampered.tar.equals(tar)) continue;
      changes += 1;
      const outcome = await verify(tampered.tar).then(
        (summary) => (summary.digest === digest || headOf(tampered.tar).equals(headOf(tar)) ? "passes" : "other digest"),
        (error: unknown) => (error instanceof Error && "code" in error ? error.code : String(error)),
      );
      expect([...codes, "other digest"], tampered.done).toContain(outcome);
    }
    expect(changes).toBeGreaterThan(300);
  }, 60_000);
});

describe("what was put into a bundle is refused, and named:", () => {
  it.each([1, 200])("%i pax headers that hide bytes before an entry", async (count) => {
    for (const name of ["oci-layout", "index.json", "chart/sample-1.0.0.tgz"]) {
      const hidden = Buffer.concat(Array.from({ length: count }, () => paxComment(60_000)));
      const problem = await refusal(inserted(tar, named(name).start, hidden));
      expect([problem.code, problem.message]).toEqual(["BUNDLE_ALTERED", expect.stringContaining(name)]);
    }
  });

  it("a pax header before the manifest", async () => {
    expect((await refusal(inserted(tar, 0, paxComment(100)))).code).toBe("BUNDLE_ALTERED");
  });

  it("a pax header with the very name and size that the entry has", async () => {
    const { start, name } = named("index.json");
    const record = `${"19 path=index.json\n".length} path=${name}\n`;
    expect((await refusal(inserted(tar, start, entry("PaxHeader", Buffer.from(record), "x")))).code).toBe("BUNDLE_ALTERED");
  });

  it.each([bundleManifestName, "oci-layout", "index.json", "chart/sample-1.0.0.tgz"])("another mode in the header of %s", async (name) => {
    const { start, offset } = named(name);
    const problem = await refusal(replaced(tar, start, resealed(tar.subarray(start, offset), 100, "0000755")));
    expect([problem.code, problem.message]).toEqual(["BUNDLE_ALTERED", expect.stringContaining(`header of ${name}`)]);
  });

  it.each([bundleManifestName, "oci-layout", "chart/sample-1.0.0.tgz"])("a byte in the padding after %s", async (name) => {
    const { end } = named(name);
    const problem = await refusal(replaced(tar, end - 1, Buffer.from([1])));
    expect([problem.code, problem.message]).toEqual(["BUNDLE_ALTERED", expect.stringContaining(`padding after ${name}`)]);
  });

  it("another index than the one that follows from the manifest", async () => {
    const { offset } = named("index.json");
    const problem = await refusal(replaced(tar, offset + 20, Buffer.from("9")));
    expect([problem.code, problem.message]).toEqual(["BUNDLE_ALTERED", expect.stringContaining("index.json")]);
  });

  it.each(["1", "2", "5", "g"])("an entry of type %s", async (type) => {
    const problem = await refusal(inserted(tar, named("index.json").start, entry("stowaway", Buffer.alloc(0), type)));
    expect([problem.code, problem.message]).toEqual(["BUNDLE_SUPERFLUOUS", expect.stringContaining("stowaway")]);
  });

  it("an entry for the second time", async () => {
    const { start, end } = named("oci-layout");
    const problem = await refusal(inserted(tar, end, tar.subarray(start, end)));
    expect([problem.code, problem.message]).toEqual(["BUNDLE_SUPERFLUOUS", expect.stringContaining("oci-layout")]);
  });

  it("entries in another order", async () => {
    const [one, two] = [named("oci-layout"), named("index.json")];
    const swapped = Buffer.concat([tar.subarray(0, one.start), tar.subarray(two.start, two.end), tar.subarray(one.start, one.end)]);
    const problem = await refusal(Buffer.concat([swapped, tar.subarray(two.end)]));
    expect([problem.code, problem.message]).toEqual(["BUNDLE_ALTERED", expect.stringContaining("header of oci-layout")]);
  });
});

describe("a signature beside the manifest", () => {
  const signature = Buffer.from("made with a key that this version knows nothing of\n");
  const behindHead = () => named(bundleManifestName).end;

  it("is told, left unchecked, and leaves the digest as it is", async () => {
    const signed = inserted(tar, behindHead(), entry(bundleSignatureName, signature));
    expect(await verify(signed)).toMatchObject({ digest, signed: true, size: signed.length });
    expect(await inspectBundle(bundleOpener, store(signed), always)).toMatchObject({ digest, signed: true });
    expect(await verify(tar)).toMatchObject({ signed: false });
  });

  it("may be of the largest size, and no larger", async () => {
    const withSignature = (size: number) => inserted(tar, behindHead(), entry(bundleSignatureName, Buffer.alloc(size)));
    await expect(verify(withSignature(largestSignature))).resolves.toMatchObject({ signed: true });
    const problem = await refusal(withSignature(largestSignature + 1));
    expect([problem.code, problem.message]).toEqual(["BUNDLE_SUPERFLUOUS", expect.stringContaining("65537 bytes as a signature")]);
  });

  it("is superfluous anywhere else, and for the second time", async () => {
    const sealed = entry(bundleSignatureName, signature);
    const later = await refusal(inserted(tar, named("oci-layout").end, sealed));
    const twice = await refusal(inserted(tar, behindHead(), Buffer.concat([sealed, sealed])));
    for (const problem of [later, twice])
      expect([problem.code, problem.message]).toEqual(["BUNDLE_SUPERFLUOUS", expect.stringContaining(bundleSignatureName)]);
  });

  it("hides nothing in its header or its padding", async () => {
    const header = encodeHeader(bundleSignatureName, signature.length);
    const behind = Buffer.concat([signature, Buffer.alloc(tarBlock - signature.length)]);
    const odd = inserted(tar, behindHead(), Buffer.concat([resealed(header, 100, "0000600"), behind]));
    expect((await refusal(odd)).message).toContain(`header of ${bundleSignatureName}`);
    behind.write("x", signature.length);
    const padding = inserted(tar, behindHead(), Buffer.concat([header, behind]));
    expect((await refusal(padding)).message).toContain(`padding after ${bundleSignatureName}`);
    const doubled = inserted(tar, behindHead(), Buffer.concat([paxComment(400), entry(bundleSignatureName, signature)]));
    expect((await refusal(doubled)).code).toBe("BUNDLE_ALTERED");
  });
});
