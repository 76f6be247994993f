import { open } from "node:fs/promises";
import { Worker } from "node:worker_threads";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { layOut } from "../../../src/adapters/oci-layout/bundle-layout.ts";
import { reports } from "../../../src/adapters/oci-layout/hash-pool.ts";
import { OpenBundle } from "../../../src/adapters/oci-layout/open-bundle.ts";
import { formatBundleManifest } from "../../../src/domain/bundle.ts";
import { failure } from "../../fakes/failure.ts";
import { always, type MadeBundle, makeBundle } from "../../fakes/made-bundle.ts";

let made: MadeBundle;
beforeAll(async () => {
  made = await makeBundle({ seed: 17, layerSize: 500 });
});
afterAll(() => made.remove());

const ranges = ["one", "two", "three"].map((name) => ({ name, offset: 0, size: 1, digest: "sha256:" }));

/** What is made of a worker that runs that code. */
function outcome(code: string, signal = always): Promise<readonly string[]> {
  const worker = new Worker(`const { parentPort: port } = require("node:worker_threads"); ${code}`, { eval: true });
  return reports(worker, ranges, () => undefined, signal);
}

const tell = (name: string, intact: boolean) => `port.postMessage({ name: "${name}", intact: ${intact} });`;

describe("the reports of a hash worker", () => {
  it("name what is altered when every content has one", async () => {
    await expect(outcome(`${tell("one", true)} ${tell("two", false)} ${tell("three", true)}`)).resolves.toEqual(["two"]);
  });

  it.each([0, 3])("are not enough when it ends with status %i before the last", async (status) => {
    const early = outcome(`${tell("one", true)} setTimeout(() => process.exit(${status}), 10);`);
    await expect(early).rejects.toThrow("left 2 of 3 contents unchecked");
  });

  it("do not count twice for one content", async () => {
    const twice = outcome(`${tell("one", true)} ${tell("one", true)} ${tell("one", true)}`);
    await expect(twice).rejects.toThrow("left 2 of 3 contents unchecked");
  });

  it("end with the worker's own error when it fails", async () => {
    await expect(outcome(`${tell("one", true)} throw new Error("out of order");`)).rejects.toThrow("out of order");
  });

  it("that nobody understands stop the worker, and are an error of this call only", async () => {
    await expect(outcome(`port.postMessage({ surprise: 1 }); setInterval(() => undefined, 1000);`)).rejects.toThrow(/invalid/i);
  });

  it("end with the reason of whoever stops the work", async () => {
    const stop = new AbortController();
    const stopped = outcome("setInterval(() => undefined, 1000);", stop.signal);
    stop.abort(new Error("enough"));
    await expect(stopped).rejects.toThrow("enough");
    await expect(outcome("setInterval(() => undefined, 1000);", stop.signal)).rejects.toThrow("enough");
  });
});

describe("a disk that gives read errors", () => {
  it("is told as such, and not as an altered bundle or a bug", async () => {
    const whole = await made.open();
    const { manifest, digest } = whole;
    await whole.close();
    // The kernel answers reads of unmapped memory with EIO, as it does for a bad sector.
    const file = await open("/proc/self/mem");
    const layout = layOut(manifest, Buffer.from(formatBundleManifest(manifest)));
    const bundle = new OpenBundle({ file, path: "stick.tar", layout, manifest, digest, signed: false });
    for (const work of [
      bundle.alteredEntries(() => undefined, always),
      bundle.isIntact(manifest.images.map((image) => image.digest)[0] ?? digest, always),
    ]) {
      const problem = await failure(work);
      expect([problem.code, problem.message]).toEqual(["FILE_UNREADABLE", expect.stringContaining("EIO")]);
    }
    await bundle.close();
  });
});
