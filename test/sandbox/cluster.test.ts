import { existsSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { describeAccess } from "./cluster/access.ts";
import { describeIngress } from "./cluster/ingress.ts";
import { lookAtMachine, namesCommand, processFinder } from "./cluster/machine.ts";
import { describeMetrics } from "./cluster/metrics.ts";
import { describePolicies } from "./cluster/policies.ts";
import { describeRegistry } from "./cluster/registry.ts";
import { describeStorage } from "./cluster/storage.ts";
import { describeSupervision } from "./cluster/supervision.ts";
import { attemptInside, down, ensureToolchain, type SandboxDocument, status, up } from "./index.ts";
import { until } from "./until.ts";

const name = "sbtest";
let machine: Awaited<ReturnType<typeof lookAtMachine>>;
let sandbox: SandboxDocument;
const cluster = (): SandboxDocument => sandbox;

beforeAll(async () => {
  const toolchain = await ensureToolchain();
  await down(name);
  machine = await lookAtMachine(name);
  const started = performance.now();
  sandbox = await up({ name, cpus: 8, mode: "cluster", toolchain });
  console.log(`the sandbox was up after ${((performance.now() - started) / 1000).toFixed(1)} s`);
}, 150_000);

afterAll(() => down(name));

describeAccess(cluster);
describeMetrics(cluster);
describeStorage(cluster);
describeRegistry(cluster);
describePolicies(cluster);
describeIngress(cluster);
describeSupervision(cluster);

describe("the end of a sandbox", () => {
  test("takes every process, mount, control group, rule and file along, also what was started in it by hand", async () => {
    const processes = processFinder(name);
    const byHand = attemptInside(sandbox, ["sleep", "3600"]).catch((error: Error) => error.message);
    await until("the command by hand", () => processes().find((pid) => namesCommand(pid, "sleep", "3600")), { deadlineMs: 10_000 });
    await down(name);
    expect(await byHand).toContain("was ended by SIGKILL");
    expect(processes()).toEqual([]);
    expect(status(name)).toBeUndefined();
    expect(existsSync(sandbox.stateDir)).toBe(false);
    expect(await lookAtMachine(name)).toEqual(machine);
  });

  test("is no error when there is none", () => down(name));
});
