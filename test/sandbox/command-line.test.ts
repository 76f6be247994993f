import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { z } from "zod";
import { down, status } from "./index.ts";

const name = "sbtest-cli";
const Document = z.object({ name: z.string(), cpus: z.number(), mode: z.string(), clientNamespace: z.string(), binDir: z.string() });

/** The sandbox's program as a person calls it. */
function sandbox(...args: readonly string[]): { readonly code: number | null; readonly stdout: string; readonly stderr: string } {
  const script = join(import.meta.dirname, "sandbox.ts");
  const { status: code, stdout, stderr } = spawnSync(process.execPath, [script, ...args], { encoding: "utf8", timeout: 300_000 });
  return { code, stdout, stderr };
}

describe("the sandbox's command line", () => {
  beforeAll(() => down(name));
  afterAll(() => down(name));

  test("says how it is used, and refuses what it does not know", () => {
    expect(sandbox("--help")).toMatchObject({ code: 0, stdout: expect.stringContaining("sandbox up [--name N]") });
    expect(sandbox("jump")).toMatchObject({ code: 2, stderr: expect.stringContaining("there is no command jump") });
    expect(sandbox("up", "--cpus", "none")).toMatchObject({ code: 2, stderr: expect.stringContaining("cpus") });
    expect(sandbox("up", "--name", "../x")).toMatchObject({ code: 2, stderr: expect.stringContaining("a name has") });
    expect(sandbox("exec", "--name", name)).toMatchObject({ code: 2, stderr: expect.stringContaining("a command after --") });
  });

  test("tells that none of that name is up, with the command that starts it", () => {
    expect(sandbox("status", "--name", name)).toMatchObject({ code: 1, stderr: expect.stringContaining(`sandbox up --name ${name}`) });
  });

  test("up gives a cluster whose node claims the processors that were asked for", () => {
    const up = sandbox("up", "--name", name, "--cpus", "5", "--json");
    expect(up.code, up.stderr).toBe(0);
    expect(Document.parse(JSON.parse(up.stdout))).toMatchObject({ name, cpus: 5, mode: "cluster" });
    expect(sandbox("status", "--name", name)).toMatchObject({ code: 0, stdout: expect.stringContaining("5 CPUs claimed") });
    const capacity = ["get", "nodes", "--output", "jsonpath={.items[*].status.capacity.cpu}"];
    expect(sandbox("exec", "--name", name, "--", "kubectl", ...capacity)).toMatchObject({ code: 0, stdout: "5" });
  });

  test("exec passes on the exit status, and acts as the user of one namespace when asked", () => {
    expect(sandbox("exec", "--name", name, "--", "sh", "-c", "exit 7")).toMatchObject({ code: 7 });
    const nodes = sandbox("exec", "--name", name, "--as", "namespaced", "--", "kubectl", "get", "nodes");
    expect(nodes).toMatchObject({ code: 1, stderr: expect.stringContaining("Forbidden") });
    expect(sandbox("namespace", "--name", name, "second")).toMatchObject({ code: 0 });
    const pods = ["get", "pods", "--namespace", "second", "--output", "name"];
    expect(sandbox("exec", "--name", name, "--as", "namespaced", "--", "kubectl", ...pods)).toMatchObject({ code: 0, stdout: "" });
  });

  test("down ends it", () => {
    expect(sandbox("down", "--name", name)).toMatchObject({ code: 0 });
    expect(status(name)).toBeUndefined();
  });
});
