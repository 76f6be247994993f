import { createHash } from "node:crypto";
import { appendFileSync, existsSync, mkdtempSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { exportFiles } from "../../../src/adapters/node/export-file/write-export.ts";
import { createOperator } from "../../../src/adapters/node/operator.ts";
import type { BackupExport } from "../../../src/domain/recovery/backup-export.ts";

const never = new AbortController().signal;
const seed = Number(process.env["MIGRATECTL_SEED"] ?? Date.now() % 1_000_000);
const contents = new Map<string, Buffer>(
  [0, 1, 511, 512, 513, 70_000, 2_500_000].map((bytes, index) => [
    `archive/main/17-1/0000000100000000/file${index}-${"b".repeat(60)}`,
    Buffer.from(Array.from({ length: bytes }, (_, at) => (at * 31 + index * 7 + seed) % 256)),
  ]),
);
const manifest: BackupExport = {
  apiVersion: "migratectl/v1",
  kind: "BackupExport",
  createdAt: "2026-11-30T00:00:00.000Z",
  release: { name: "migrate-platform", namespace: "client-acme", version: "1.0.0" },
  systemId: "7512345678901234567",
  postgres: "17",
  cipher: "aes-256-cbc",
  sets: [{ label: "20261101-020000F", type: "full", finishedAt: "2026-11-01T02:00:10.000000Z" }],
  files: [...contents].map(([path, { length }]) => ({ path, bytes: length })),
};
const sum = (bytes: Uint8Array): string => createHash("sha256").update(bytes).digest("hex");

/** A repository that gives its bytes in pieces of the size, and can be made to break after so many of them. */
function source(pieceBytes: number, breakAfter = Number.POSITIVE_INFINITY) {
  const asked: string[] = [];
  return {
    asked,
    async read(files: readonly { readonly path: string }[], take: (bytes: Buffer) => Promise<void>): Promise<void> {
      asked.push(...files.map(({ path }) => path));
      const all = Buffer.concat(files.map(({ path }) => contents.get(path) ?? Buffer.alloc(0)));
      for (let at = 0, given = 0; at < all.length; at += pieceBytes, given += 1) {
        if (given === breakAfter) throw new Error("the connection was lost");
        await take(all.subarray(at, at + pieceBytes));
      }
    },
    sums: async (paths: readonly string[]) => paths.map((path) => sum(contents.get(path) ?? Buffer.alloc(0))),
  };
}

describe(`an export as a file (seed ${seed})`, () => {
  let folder = "";
  let path = "";
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "migratectl-export-"));
    path = join(folder, "backups.export");
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  const write = (from = source(4096), what = manifest) => exportFiles.write(path, what, from, () => undefined, never);
  const readAll = async (): Promise<void> => {
    const opened = await exportFiles.open(path);
    try {
      for (const file of opened.manifest.files) {
        const pieces = [];
        for await (const piece of opened.content(file)) pieces.push(piece);
        expect(Buffer.concat(pieces).equals(contents.get(file.path) ?? Buffer.alloc(1)), file.path).toBe(true);
      }
    } finally {
      await opened.close();
    }
  };

  it.each([1000, 65_536, 10_000_000])("holds every file, whole, when the bytes come in pieces of %i", async (pieceBytes) => {
    const { bytes, resumed } = await write(source(pieceBytes));
    expect(resumed).toBe(0);
    expect(statSync(path).size).toBe(bytes);
    await readAll();
    expect(existsSync(`${path}.partial`)).toBe(false);
    expect(existsSync(`${path}.partial.owner`)).toBe(false);
  });

  it("is the same, byte for byte, when it was interrupted anywhere and gone on with", async () => {
    await write();
    const whole = readFileSync(path);
    rmSync(path);
    for (const breakAfter of [0, 1, 3, 20, 400, 627]) {
      await expect(write(source(4096, breakAfter))).rejects.toThrow("the connection was lost");
      expect(existsSync(path)).toBe(false);
      const from = source(4096);
      const { resumed } = await write(from);
      expect(resumed).toBe(contents.size - from.asked.length);
      expect(readFileSync(path).equals(whole), `broken after ${breakAfter} pieces`).toBe(true);
      rmSync(path);
    }
  });

  it("does not believe what a power cut may have torn: files that differ from the repository are fetched again", async () => {
    await expect(write(source(4096, 400))).rejects.toThrow();
    const partial = readFileSync(`${path}.partial`);
    partial.fill(0, 40_000, 41_000);
    writeFileSync(`${path}.partial`, partial);
    await write();
    await readAll();
  });

  it("tells what was begun, and nothing of a file that is none", async () => {
    expect(await exportFiles.begun(path)).toBeUndefined();
    await expect(write(source(4096, 5))).rejects.toThrow();
    expect(await exportFiles.begun(path)).toEqual(manifest);
    writeFileSync(`${path}.partial`, "something else");
    expect(await exportFiles.begun(path)).toBeUndefined();
    await write();
    await readAll();
  });

  it("is written by one process at a time; one that has died is not waited for", async () => {
    writeFileSync(`${path}.partial.owner`, JSON.stringify({ ...createOperator().holder("x"), pid: process.ppid, processStart: "" }));
    const living = { ...createOperator().holder("x") };
    writeFileSync(`${path}.partial.owner`, JSON.stringify(living));
    await expect(write()).rejects.toMatchObject({ code: "EXPORT_BUSY" });
    writeFileSync(`${path}.partial.owner`, JSON.stringify({ ...living, processStart: "1" }));
    await write();
    await readAll();
  });

  it("that cannot be written says so", async () => {
    await expect(
      exportFiles.write(join(folder, "none/backups.export"), manifest, source(10), () => undefined, never),
    ).rejects.toMatchObject({ code: "FILE_UNWRITABLE" });
  });

  it("whose source gives too few or too many bytes is EXPORT_CHANGED", async () => {
    const [last] = manifest.files.slice(-1);
    const short = { ...manifest, files: manifest.files.map((file) => (file === last ? { ...file, bytes: file.bytes + 1 } : file)) };
    await expect(write(source(4096), short)).rejects.toMatchObject({ code: "EXPORT_CHANGED" });
    const long = { ...manifest, files: manifest.files.map((file) => (file === last ? { ...file, bytes: file.bytes - 1 } : file)) };
    await expect(write(source(4096), long)).rejects.toMatchObject({ code: "EXPORT_CHANGED" });
  });

  it.each<[string, () => void]>([
    ["altered in one bit", () => flip(100_000)],
    ["altered in a checksum", () => flip(statSync(path).size - 1500)],
    ["altered in a header", () => flip(2048)],
    ["altered in what it says of itself", () => flip(600)],
    ["cut off", () => truncateSync(path, statSync(path).size - 600)],
    ["longer than it should be", () => appendFileSync(path, Buffer.alloc(512))],
    ["empty", () => truncateSync(path, 0)],
    ["something else", () => writeFileSync(path, "hello ".repeat(1000))],
  ])("%s is EXPORT_DAMAGED", async (_, spoil) => {
    await write();
    spoil();
    await expect(readAll()).rejects.toMatchObject({ code: "EXPORT_DAMAGED" });
  });

  it("that is not there is FILE_UNREADABLE", async () => {
    await expect(exportFiles.open(path)).rejects.toMatchObject({ code: "FILE_UNREADABLE" });
  });

  function flip(at: number): void {
    const bytes = readFileSync(path);
    bytes[at] = (bytes[at] ?? 0) ^ 1;
    writeFileSync(path, bytes);
  }
});
