import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { folderPrefix, removeAbandoned } from "../../../src/adapters/node/abandoned-folders.ts";
import { createOperator } from "../../../src/adapters/node/operator.ts";
import { createTemporaryFolder } from "../../../src/adapters/node/work-folder.ts";
import type { Operator } from "../../../src/ports/operator.ts";
import { FakeOperator } from "../../fakes/fake-operator.ts";

let parent = "";
beforeEach(async () => {
  parent = await mkdtemp(join(tmpdir(), "abandoned-"));
});
afterEach(() => rm(parent, { recursive: true, force: true }));

/** An operator to whom only the process with that pid lives. */
function knowing(alive: number): Operator {
  const anna = new FakeOperator();
  return { holder: (run) => anna.holder(run), isGone: ({ pid }) => pid !== alive };
}

describe("temporary folders of processes that were killed", () => {
  it("are removed with what is in them, and those of living ones, of other machines and of other programs are not", async () => {
    const anna = folderPrefix(knowing(1));
    const kept = [
      `${anna.replace("-4711-", "-4712-")}alive`,
      `${folderPrefix(new FakeOperator("bert", "jump-2"))}elsewhere`,
      "migratectl-demo",
      "other",
    ];
    for (const name of [...kept, `${anna}dead`]) await mkdir(join(parent, name, "inside"), { recursive: true });
    await removeAbandoned(parent, knowing(4712));
    expect((await readdir(parent)).toSorted()).toEqual(kept.toSorted());
  });

  it("are no reason to fail where there is no such folder to look into", async () => {
    await expect(removeAbandoned(join(parent, "missing"), knowing(1))).resolves.toBeUndefined();
  });

  it("are told by real processes: one that was killed has left its folder, this one keeps its own", async () => {
    const child = spawn(process.execPath, ["-e", "setInterval(() => {}, 1000)"]);
    await once(child, "spawn");
    const operator = createOperator();
    const start = operator.holder("").processStart;
    const own = folderPrefix(operator);
    const theirs = `${own.replace(`-${process.pid}-${start}-`, `-${child.pid}-1-`)}left`;
    const living = await createTemporaryFolder();
    child.kill("SIGKILL");
    await once(child, "exit");
    await mkdir(join(tmpdir(), theirs));
    const next = await createTemporaryFolder();
    const names = await readdir(tmpdir());
    expect(names).not.toContain(theirs);
    for (const folder of [living, next]) {
      expect(names).toContain(folder.path.split("/").at(-1));
      await folder.remove();
    }
  });
});
