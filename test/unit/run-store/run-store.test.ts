import { mkdir, mkdtemp, readdir, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createRunStore, newRunId, runsFolder } from "../../../src/adapters/node/run-store.ts";

let folder = "";
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "runs-"));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

describe("the run directory", () => {
  it("lies under XDG_STATE_HOME, or under ~/.local/state when that is not an absolute path", () => {
    expect(runsFolder({ XDG_STATE_HOME: "/var/state" })).toBe("/var/state/migratectl/runs");
    expect(runsFolder({ XDG_STATE_HOME: "relative" })).toMatch(/\.local\/state\/migratectl\/runs$/);
    expect(runsFolder({})).toMatch(/\.local\/state\/migratectl\/runs$/);
  });

  it("has an id that sorts by time and differs within a second", () => {
    const now = new Date("2026-01-02T03:04:05.678Z");
    expect(newRunId("install", now)).toMatch(/^20260102T030405Z-install-[0-9a-f]{6}$/);
    expect(newRunId("install", now)).not.toBe(newRunId("install", now));
  });

  it("keeps what was written last, for its owner only, and leaves no partial file", async () => {
    const store = createRunStore(folder, "one");
    await store.write("plan.json", "1");
    await store.write("plan.json", "2");
    expect(await store.read("plan.json")).toBe("2");
    expect(await store.read("other.json")).toBeUndefined();
    expect(await readdir(store.path)).toEqual(["plan.json"]);
    expect((await stat(store.path)).mode & 0o777).toBe(0o700);
    expect((await stat(join(store.path, "plan.json"))).mode & 0o777).toBe(0o600);
  });

  it("adds lines to a log", async () => {
    const store = createRunStore(folder, "one");
    await store.append("helm.log", "a\n");
    await store.append("helm.log", "b\n");
    expect(await store.read("helm.log")).toBe("a\nb\n");
  });

  it("says DISK_FULL when the disk is full", async () => {
    // Every write to /dev/full ends as on a full disk.
    const store = createRunStore("/dev", "full");
    await expect(store.append("", "x")).rejects.toMatchObject({ code: "DISK_FULL" });
  });

  it("says FILE_UNWRITABLE, and how to choose another place, when a file is in the way", async () => {
    await mkdir(folder, { recursive: true });
    await writeFile(join(folder, "one"), "");
    await expect(createRunStore(folder, "one").write("plan.json", "1")).rejects.toMatchObject({
      code: "FILE_UNWRITABLE",
      fix: expect.stringContaining("XDG_STATE_HOME"),
    });
  });
});
