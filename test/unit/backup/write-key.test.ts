import { mkdtemp, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createWorkFolder } from "../../../src/adapters/node/work-folder.ts";
import { type WriteKeyRequest, writeKey } from "../../../src/workflow/backup/write-key.ts";
import { FakeClusterObjects } from "../../fakes/fake-cluster-objects.ts";
import { HeldClock } from "../../fakes/held-clock.ts";
import { problemOf } from "../../fakes/problem-of.ts";

const signal = new AbortController().signal;
const key = "canary-cipher-key";
let folder: string;
let objects: FakeClusterObjects;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "backup-key-"));
  objects = new FakeClusterObjects(new HeldClock());
  await objects.createNamespace("shop", {});
  await objects.createSecret("shop", { name: "backup-encryption", type: "Opaque", labels: {}, values: { "cipher-key": key } });
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const write = (request: Partial<WriteKeyRequest>) =>
  writeKey({ objects, folder: createWorkFolder(folder) }, { namespace: "shop", file: "backups.key", dryRun: false, ...request }, signal);

describe("the key of the backups", () => {
  it("is written to a file that its owner alone can read, and is not in the result", async () => {
    const result = await write({});
    expect(result).toEqual({ kind: "written", file: join(folder, "backups.key") });
    expect(await readFile(join(folder, "backups.key"), "utf8")).toBe(`${key}\n`);
    expect((await stat(join(folder, "backups.key"))).mode & 0o777).toBe(0o600);
  });

  it("is written over no other file, which may be the key of another cluster", async () => {
    await writeFile(join(folder, "backups.key"), "of another cluster\n");
    expect(await problemOf(() => write({}))).toMatchObject({ code: "FILE_UNWRITABLE" });
    expect(await readFile(join(folder, "backups.key"), "utf8")).toBe("of another cluster\n");
  });

  it("is given to the caller where no file is named, and written nowhere in a dry run", async () => {
    expect(await write({ file: undefined })).toEqual({ kind: "shown", key });
    expect(await write({ dryRun: true })).toEqual({ kind: "planned", file: "backups.key" });
    expect(await readdir(folder)).toEqual([]);
  });

  it("that is not there is told with what that may mean", async () => {
    await objects.deleteObject("shop", "Secret", "backup-encryption");
    expect(await problemOf(() => write({}))).toMatchObject({
      code: "BACKUP_KEY_MISSING",
      message: expect.stringContaining("not encrypted"),
    });
  });
});
