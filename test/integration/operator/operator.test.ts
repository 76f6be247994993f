import { type ChildProcess, execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterEach, describe, expect, it } from "vitest";
import { createOperator } from "../../../src/adapters/node/operator.ts";
import type { LeaseHolder } from "../../../src/ports/cluster-objects.ts";
import { describeReal, noCluster } from "../../contract/real.ts";

const module = join(import.meta.dirname, "../../../src/adapters/node/operator.ts");
const children: ChildProcess[] = [];
afterEach(() => {
  for (const child of children.splice(0)) child.kill("SIGKILL");
});

/** A process that tells who it is and then waits. */
async function living(): Promise<{ readonly child: ChildProcess; readonly holder: LeaseHolder }> {
  const code = `const { createOperator } = await import(${JSON.stringify(module)}); console.log(JSON.stringify(createOperator().holder("other"))); setInterval(() => {}, 1000);`;
  const child = spawn(process.execPath, ["--input-type=module", "-e", code], { stdio: ["ignore", "pipe", "inherit"] });
  children.push(child);
  const [text] = (await once(child.stdout, "data")) as [Buffer];
  return { child, holder: JSON.parse(text.toString()) as LeaseHolder };
}

const operator = createOperator();

describe("whether the holder of a Lease has died", () => {
  it("is never said of a process that lives, here or elsewhere", async () => {
    const { holder } = await living();
    expect(operator.isGone(holder)).toBe(false);
    expect(operator.isGone({ ...holder, machine: "another boot/pid:[1]", pid: 999_999_999 })).toBe(false);
  });

  it("is said of one that has ended, and of one whose number another process has now", async () => {
    const { child, holder } = await living();
    expect(operator.isGone({ ...holder, processStart: "1" })).toBe(true);
    child.kill("SIGKILL");
    await once(child, "exit");
    expect(operator.isGone(holder)).toBe(true);
  });

  it("is said of one of which only its exit status is left", async () => {
    // The shell never asks how its child ended.
    const parent = spawn("sh", ["-c", 'sleep 0 & echo "$!"; exec sleep 60'], { stdio: ["ignore", "pipe", "ignore"] });
    children.push(parent);
    const [text] = (await once(parent.stdout, "data")) as [Buffer];
    const pid = Number(text.toString());
    await expect.poll(() => readFileSync(`/proc/${pid}/stat`, "utf8").split(" ")[2], { timeout: 5_000 }).toBe("Z");
    expect(operator.isGone({ ...operator.holder("x"), pid })).toBe(true);
  });
});

describeReal("on a host that hides the processes of others (hidepid)", noCluster, () => {
  it("a living holder is not said to have died, and a dead one is", async () => {
    const { holder } = await living();
    const dead = { ...holder, pid: 4_000_000 };
    const code = `const { createOperator } = await import(${JSON.stringify(module)}); const { existsSync } = await import("node:fs");
      const operator = createOperator();
      console.log(JSON.stringify({ uid: process.getuid(), shown: existsSync("/proc/${holder.pid}/stat"), holders: ${JSON.stringify([holder, dead])}.map((one) => operator.isGone(one)) }));`;
    const as = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", process.execPath, "--input-type=module", "-e", code];
    const script = 'mount -t proc -o hidepid=2 proc /proc && exec "$@"';
    const { stdout } = await promisify(execFile)("unshare", ["--mount", "sh", "-c", script, "sh", ...as]);
    expect(JSON.parse(stdout)).toEqual({ uid: 65534, shown: false, holders: [false, true] });
  });
});
