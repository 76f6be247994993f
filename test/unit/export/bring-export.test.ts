import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import { Problem } from "../../../src/domain/errors/problem.ts";
import type { RepositoryFile } from "../../../src/domain/recovery/backup-export.ts";
import type { OpenExport } from "../../../src/ports/export-file.ts";
import type { RepositoryFiles } from "../../../src/ports/repository-files.ts";
import { bringExport } from "../../../src/workflow/backup/bring-export.ts";

const never = new AbortController().signal;
const sum = (bytes: Uint8Array): string => createHash("sha256").update(bytes).digest("hex");
const contents = new Map<string, Buffer>(
  Array.from({ length: 95 }, (_, index) => [`archive/main/17-1/0000000100000000/f${index}`, Buffer.alloc(index * 10, index)] as const),
);
const files = [...contents].map(([path, { length }]) => ({ path, bytes: length }));

const opened: OpenExport = {
  path: "backups.export",
  manifest: {
    apiVersion: "migratectl/v1",
    kind: "BackupExport",
    createdAt: "2026-11-30T00:00:00.000Z",
    release: { name: "shop", namespace: "shop", version: "1.0.0" },
    systemId: "1",
    postgres: "17",
    cipher: "aes-256-cbc",
    sets: [],
    files,
  },
  sums: new Map([...contents].map(([path, bytes]) => [path, sum(bytes)])),
  async *content({ path }) {
    yield contents.get(path) ?? Buffer.alloc(0);
  },
  close: async () => undefined,
};

/** A volume that keeps state; the connection breaks in the middle of the batch of that number. */
class Volume implements RepositoryFiles {
  readonly used = new Map<string, Buffer>();
  readonly waiting = new Map<string, Buffer>();
  breakIn = Number.POSITIVE_INFINITY;
  sent = 0;
  private batches = 0;

  hold = async () => undefined;
  release = async () => undefined;
  list = async () => listing(this.used);
  staged = async () => listing(this.waiting);
  read = async () => undefined;
  sums = async (paths: readonly string[]) => paths.map((path) => sum(this.waiting.get(path) ?? Buffer.alloc(0)));

  async stage(some: readonly RepositoryFile[], bytes: AsyncIterable<Uint8Array>): Promise<void> {
    this.batches += 1;
    const all: Uint8Array[] = [];
    for await (const piece of bytes) all.push(piece);
    const stream = Buffer.concat(all);
    let at = 0;
    for (const [index, file] of some.entries()) {
      if (this.batches === this.breakIn && index === 3) throw new Problem("EXEC_FAILED", { what: "the connection was lost" });
      this.waiting.set(file.path, stream.subarray(at, at + file.bytes));
      at += file.bytes;
      this.sent += 1;
    }
  }

  async settle(): Promise<void> {
    for (const [path, bytes] of this.waiting) this.used.set(path, bytes);
    this.waiting.clear();
  }

  get whole(): boolean {
    return this.used.size === contents.size && [...contents].every(([path, bytes]) => this.used.get(path)?.equals(bytes));
  }
}

function listing(map: ReadonlyMap<string, Buffer>): readonly RepositoryFile[] {
  return [...map].map(([path, { length }]) => ({ path, bytes: length }));
}

const bring = (volume: Volume) => bringExport(opened, volume, () => undefined, never);

describe("an export that is brought to a repository", () => {
  it("is in use when all of it is there, and bringing it again changes nothing", async () => {
    const volume = new Volume();
    await bring(volume);
    expect(volume.whole).toBe(true);
    expect(volume.sent).toBe(files.length);
    await bring(volume);
    expect(volume.whole).toBe(true);
    expect(volume.sent).toBe(files.length);
  });

  it.each([1, 2, 3])("goes on with what is missing when it was interrupted in batch %i, and nothing is in use before", async (batch) => {
    const volume = new Volume();
    volume.breakIn = batch;
    await expect(bring(volume)).rejects.toMatchObject({ code: "EXEC_FAILED" });
    expect(volume.used.size).toBe(0);
    const before = volume.sent;
    await bring(volume);
    expect(volume.whole).toBe(true);
    expect(volume.sent).toBe(files.length);
    expect(before).toBeLessThan(files.length);
  });

  it("sends again what was spoilt on the volume meanwhile", async () => {
    const volume = new Volume();
    volume.breakIn = 3;
    await expect(bring(volume)).rejects.toMatchObject({ code: "EXEC_FAILED" });
    const [spoilt] = [...volume.waiting.keys()].slice(20);
    volume.waiting.set(spoilt ?? "", Buffer.alloc(contents.get(spoilt ?? "")?.length ?? 0, 255));
    await bring(volume);
    expect(volume.whole).toBe(true);
  });

  it("never gets among the files of another repository", async () => {
    const volume = new Volume();
    volume.used.set("archive/main/archive.info", Buffer.from("another one"));
    await expect(bring(volume)).rejects.toMatchObject({ code: "REPOSITORY_NOT_EMPTY" });
    expect(volume.sent).toBe(0);
    expect(volume.used.size).toBe(1);
  });
});
