import { existsSync } from "node:fs";
import { afterAll, beforeAll, expect, test } from "vitest";
import { z } from "zod";
import { lookAtMachine, processFinder } from "./cluster/machine.ts";
import { type ActingUser, down, ensureToolchain, insideEnv, type SandboxDocument, status, type Toolchain, up } from "./index.ts";
import { run } from "./run.ts";
import { until } from "./until.ts";

const name = "sbtest-api";
const Names = z.object({ items: z.array(z.object({ metadata: z.object({ name: z.string() }) })) });

let toolchain: Toolchain;
let machine: Awaited<ReturnType<typeof lookAtMachine>>;
let sandbox: SandboxDocument;

const start = () => up({ name, cpus: 2, mode: "control-plane", toolchain });
const kubectl = (user: ActingUser, ...args: readonly string[]) =>
  run(["kubectl", ...args], { env: insideEnv(sandbox, user), signal: AbortSignal.timeout(30_000) });

beforeAll(async () => {
  toolchain = await ensureToolchain({ purposes: ["cluster"] });
  await down(name);
  machine = await lookAtMachine(name);
  const started = performance.now();
  sandbox = await start();
  console.log(`the control plane was up after ${((performance.now() - started) / 1000).toFixed(1)} s`);
}, 150_000);

afterAll(() => down(name));

test("the API answers on the machine's loopback, without entering a namespace", async () => {
  expect(sandbox.apiServer).toMatch(/^https:\/\/127\.0\.0\.1:\d+$/);
  expect(await kubectl("admin", "get", "--raw=/readyz")).toBe("ok");
});

test("the document says which parts a control plane does not have", () => {
  expect(sandbox).toMatchObject({ mode: "control-plane", registry: null, ingress: null, storageClasses: null });
  expect(sandbox.daemons.map((daemon) => daemon.name)).toEqual(["etcd", "kube-apiserver"]);
});

test("the default namespace has its service account, so that pods are admitted there", async () => {
  const listed = await kubectl("admin", "get", "serviceaccounts", "--namespace=default", "--output=json");
  expect(Names.parse(JSON.parse(listed)).items.map(({ metadata }) => metadata.name)).toContain("default");
  expect(await kubectl("admin", "run", "probe", "--image=none.invalid/none", "--namespace=default")).toBe("pod/probe created\n");
});

test("the namespaced user is known and may not list nodes", async () => {
  await expect(kubectl("namespaced", "get", "nodes")).rejects.toThrow("(Forbidden)");
});

test("up gives a running one as it is", async () => {
  expect(await start()).toEqual(sandbox);
});

test("one whose first process was killed is cleared away by the next up, which starts afresh", async () => {
  const processesBefore = processFinder(name);
  process.kill(sandbox.pid, "SIGKILL");
  await until("the end of all its processes", () => (processesBefore().length === 0 ? true : undefined), { deadlineMs: 20_000 });
  expect(status(name)).toBeUndefined();
  const first = sandbox;
  sandbox = await start();
  expect(sandbox.pid).not.toBe(first.pid);
  await expect(kubectl("admin", "get", "pod", "probe", "--namespace=default")).rejects.toThrow("not found");
});

test("ending it leaves no process, port, mount, control group or file behind", async () => {
  const processes = processFinder(name);
  await down(name);
  expect(processes()).toEqual([]);
  expect(existsSync(sandbox.stateDir)).toBe(false);
  await expect(fetch(sandbox.apiServer)).rejects.toThrow();
  expect(await lookAtMachine(name)).toEqual(machine);
});
