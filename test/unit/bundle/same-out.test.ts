import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, readdirSync, readFileSync, renameSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { bundleOpener } from "../../../src/adapters/oci-layout/bundle-opener.ts";
import { bundleWriter } from "../../../src/adapters/oci-layout/bundle-writer.ts";
import type { BundleContent } from "../../../src/domain/bundle.ts";
import type { BundleFile, ByteSource } from "../../../src/ports/bundle-file.ts";
import { failure } from "../../fakes/failure.ts";
import { always, type MadeBundle, makeBundle, onlyTool } from "../../fakes/made-bundle.ts";

let made: MadeBundle;
let source: BundleFile;
let folder: string;
let folders = 0;
const children: ChildProcess[] = [];

beforeAll(async () => {
  made = await makeBundle({ seed: 19, layerSize: 3000 });
  source = await made.open();
});
afterAll(async () => {
  await source.close();
  made.remove();
});
afterEach(() => {
  for (const child of children.splice(0)) child.kill("SIGKILL");
});

/** A writer that stands still before its first content until it is let go. */
class HeldWriter {
  private readonly gate = Promise.withResolvers<void>();
  private readonly reached = Promise.withResolvers<void>();
  readonly written: Promise<unknown>;

  constructor(out: string, signal = always) {
    const { gate, reached } = this;
    async function* held(entry: BundleContent): ByteSource {
      reached.resolve();
      await gate.promise;
      yield* read(entry);
    }
    this.written = bundleWriter.write(out, source.manifest, held, () => undefined, signal);
    this.written.catch(() => undefined);
  }

  /** Waits until its partial file is there. */
  async standing(): Promise<string> {
    await Promise.race([this.reached.promise, this.written]);
    const [name, ...others] = partials();
    expect(others).toEqual([]);
    return join(folder, name ?? "none");
  }

  letGo(): void {
    this.gate.resolve();
  }
}

function read(entry: BundleContent): ByteSource {
  return entry.kind === "blob" ? source.blob(entry.blob.digest) : source.file(entry.path);
}

function write(out: string) {
  return bundleWriter.write(out, onlyTool(source.manifest), read, () => undefined, always);
}

function place(): string {
  folder = join(made.folder, `out-${(folders += 1)}`);
  mkdirSync(folder);
  return join(folder, "b.tar");
}

function partials(): readonly string[] {
  return readdirSync(folder).filter((name) => name.endsWith(".partial"));
}

/** The name that a writer of that process would have given its partial file. */
function renamed(partial: string, change: { readonly machine?: string; readonly pid?: number; readonly start?: string }): string {
  const [, head = "", machine = "", pid = "", start = "", tail = ""] = /^(.*\.[0-9a-z]+)-([0-9a-f]+)-(\d+)-(\d*)(-.*)$/.exec(partial) ?? [];
  return `${head}-${change.machine ?? machine}-${change.pid ?? pid}-${change.start ?? start}${tail}`;
}

describe("two writers of one bundle", () => {
  it("never write into each other: the second is told which process is at it, and the first ends well", async () => {
    const out = place();
    const first = new HeldWriter(out);
    const partial = await first.standing();
    const problem = await failure(write(out));
    expect([problem.code, problem.data["pid"], problem.exit]).toEqual(["BUNDLE_BUSY", process.pid, "transfer"]);
    expect(problem.message).toMatch(new RegExp(`process ${process.pid} since 20.*${partial}`));
    expect(partials()).toHaveLength(1);
    first.letGo();
    await first.written;
    expect(readFileSync(out).equals(readFileSync(made.path))).toBe(true);
    expect(readdirSync(folder)).toEqual(["b.tar"]);
  });

  it("that start in the same instant end with one that wrote and whole bundles, whoever was let through", async () => {
    const out = place();
    const outcomes = await Promise.allSettled(Array.from({ length: 8 }, () => write(out)));
    const refused = outcomes.filter((outcome) => outcome.status === "rejected");
    expect(refused.length).toBeLessThan(8);
    for (const { reason } of refused) expect(reason).toMatchObject({ code: "BUNDLE_BUSY" });
    await (await bundleOpener.open(out, always)).close();
    expect(readdirSync(folder)).toEqual(["b.tar"]);
  });

  it("for different files of one folder do not care for each other", async () => {
    const out = place();
    const first = new HeldWriter(out);
    await first.standing();
    await write(join(folder, "other.tar"));
    await write(join(folder, "b.tar.tar"));
    first.letGo();
    await first.written;
    expect(readdirSync(folder).toSorted()).toEqual(["b.tar", "b.tar.tar", "other.tar"]);
  });
});

describe("what a writer left that was cut off", () => {
  /** A partial file under another name, as if another process had begun it; the real one ends by cancellation. */
  async function leave(out: string, change: Parameters<typeof renamed>[1]): Promise<string> {
    const cancel = new AbortController();
    const held = new HeldWriter(out, cancel.signal);
    const partial = await held.standing();
    const left = renamed(partial, change);
    writeFileSync(left, "some gigabytes");
    cancel.abort(new Error("cancelled"));
    held.letGo();
    await expect(held.written).rejects.toThrow("cancelled");
    expect(partials()).toEqual([left.slice(folder.length + 1)]);
    return left;
  }

  it("by cancelling leaves nothing", async () => {
    const out = place();
    const left = await leave(out, { pid: 1 });
    renameSync(left, join(made.folder, "away"));
    expect(readdirSync(folder)).toEqual([]);
  });

  it("by kill -9 is removed by the next one", async () => {
    const child = spawn(process.execPath, ["-e", "setInterval(() => {}, 1000)"], { stdio: "ignore" });
    children.push(child);
    await once(child, "spawn");
    const { pid = 0 } = child;
    const start = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ")[1]?.split(" ")[19] ?? "";
    const out = place();
    await leave(out, { pid, start });
    const problem = await failure(write(out));
    expect([problem.code, problem.data["pid"]]).toEqual(["BUNDLE_BUSY", pid]);
    const ended = once(child, "exit");
    child.kill("SIGKILL");
    await ended;
    await write(out);
    expect(readdirSync(folder)).toEqual(["b.tar"]);
  });

  it("is removed when another process got its number since", async () => {
    const out = place();
    await leave(out, { start: "1" });
    await write(out);
    expect(readdirSync(folder)).toEqual(["b.tar"]);
  });

  it("on another machine counts as left over only when nobody has written to it for an hour", async () => {
    const out = place();
    const left = await leave(out, { machine: "0badcafe" });
    const problem = await failure(write(out));
    expect([problem.code, problem.message]).toEqual(["BUNDLE_BUSY", expect.stringContaining("of another machine or container")]);
    const minutes = (count: number) => new Date(Date.now() - count * 60_000);
    utimesSync(left, minutes(59), minutes(59));
    expect((await failure(write(out))).code).toBe("BUNDLE_BUSY");
    utimesSync(left, minutes(61), minutes(61));
    await write(out);
    expect(readdirSync(folder)).toEqual(["b.tar"]);
  });
});

describe("a folder in the bundle's place", () => {
  it("is told before anything is copied", async () => {
    const out = place();
    mkdirSync(out);
    const problem = await failure(write(out));
    expect([problem.code, problem.message]).toEqual(["FILE_UNWRITABLE", expect.stringContaining("it is a folder")]);
    expect(readdirSync(folder)).toEqual(["b.tar"]);
  });
});
