import { mkdir, mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { makeFolder } from "../../../src/adapters/node/make-folder.ts";
import { createRunStore } from "../../../src/adapters/node/run-store.ts";
import { createTemporaryFolder, createWorkFolder } from "../../../src/adapters/node/work-folder.ts";
import { problemOf } from "../../fakes/problem-of.ts";

let folder = "";
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "work-"));
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await rm(folder, { recursive: true, force: true });
});

describe("making a folder", () => {
  test("makes those above it that are missing, with the mode that was asked for", async () => {
    await makeFolder(join(folder, "a/b/c"), 0o700);
    for (const made of ["a", "a/b", "a/b/c"]) expect((await stat(join(folder, made))).mode & 0o777).toBe(0o700);
  });

  test("leaves one that is there as it is, links to folders included", async () => {
    await mkdir(join(folder, "a"), { mode: 0o711 });
    await makeFolder(join(folder, "a"), 0o700);
    expect((await stat(join(folder, "a"))).mode & 0o777).toBe(0o711);
    await makeFolder("/proc/self/cwd");
    await makeFolder("/");
  });

  test("several at once do not disturb each other", async () => {
    for (const round of Array.from({ length: 50 }, (_, index) => String(index))) {
      await Promise.all(Array.from({ length: 8 }, () => makeFolder(join(folder, round, "b/c/d"))));
      expect((await stat(join(folder, round, "b/c/d"))).isDirectory()).toBe(true);
    }
  });

  test("says what is in the way when it is a file", async () => {
    await writeFile(join(folder, "file"), "");
    await expect(makeFolder(join(folder, "file"))).rejects.toMatchObject({ code: "EEXIST" });
    await expect(makeFolder(join(folder, "file/a/b"))).rejects.toMatchObject({ code: "ENOTDIR" });
  });
});

// Node's own recursive mkdir never comes back from these.
describe.runIf(process.platform === "linux").each(["/proc/x", "/proc/x/y/z", "/proc/self/x/y"])(
  "below %s, which takes no folders",
  (path) => {
    test("writing a file ends, with the reason and what to do", async () => {
      const problem = await problemOf(() => createWorkFolder(path).write("values.yaml", "a: 1\n"));
      expect(problem).toMatchObject({ code: "FILE_UNWRITABLE", exit: "usage", fix: "Choose a folder on a disk." });
      expect(problem.message).toMatch(/^the folder \/proc\/(self\/)?x cannot be made: \/proc(\/self)? takes no new folders$/);
    });

    test("the run directory ends, with the way to another one", async () => {
      for (const write of [
        () => createRunStore(path, "one").write("plan.json", "{}"),
        () => createRunStore(path, "one").append("helm.log", "a\n"),
      ])
        expect(await problemOf(write)).toMatchObject({ code: "FILE_UNWRITABLE", fix: expect.stringContaining("XDG_STATE_HOME") });
    });
  },
);

describe("a work folder", () => {
  test("writes whole files, in folders of its own where the name has some", async () => {
    const work = createWorkFolder(join(folder, "out"));
    expect(await work.write("docs/a.md", "one")).toBe(join(folder, "out/docs/a.md"));
    await work.write("docs/a.md", "two");
    expect(await readFile(join(folder, "out/docs/a.md"), "utf8")).toBe("two");
  });

  test("that is temporary tells how to choose another place when there is none", async () => {
    vi.stubEnv("TMPDIR", join(folder, "none"));
    const problem = await problemOf(() => createTemporaryFolder());
    expect(problem).toMatchObject({ code: "FILE_UNWRITABLE", fix: expect.stringContaining("TMPDIR") });
  });
});
