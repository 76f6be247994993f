import { spawn } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { z } from "zod";
import { upgradeArgs } from "../../../src/adapters/helm/commands.ts";
import { createHelm } from "../../../src/adapters/helm/helm.ts";
import { ApiClient } from "../../../src/adapters/kubernetes/api-client.ts";
import { type Connection, openConnection } from "../../../src/adapters/kubernetes/connection.ts";
import type { ChartRender, Helm } from "../../../src/ports/helm.ts";
import { repairRelease } from "../../../src/workflow/steps/repair-release.ts";
import { HeldClock } from "../../fakes/held-clock.ts";
import { down, ensureToolchain, up } from "../../sandbox/index.ts";
import { until } from "../../sandbox/until.ts";
import { sampleChart } from "../helm/sample-chart.ts";

const name = "repair-test";
const signal = new AbortController().signal;
let folder = "";
let chart = "";
let binary = "";
let connection: Connection;
let version = "";
let api: ApiClient;
let helm: Helm;

beforeAll(async () => {
  const toolchain = await ensureToolchain({ purposes: ["cluster", "bundle"] });
  binary = join(toolchain.binDir, "helm");
  await down(name);
  const sandbox = await up({ name, cpus: 2, mode: "control-plane", toolchain });
  version = sandbox.kubernetesVersion;
  folder = await mkdtemp(join(tmpdir(), "repair-"));
  chart = await sampleChart(folder);
  const opened = openConnection({ kubeconfig: sandbox.kubeconfigs.admin });
  connection = opened.connection;
  api = new ApiClient(opened.config);
  helm = createHelm({ environment: { ...process.env, MIGRATECTL_HELM: binary }, connection });
}, 180_000);
afterAll(async () => {
  await down(name);
  await rm(folder, { recursive: true, force: true });
});

/** Starts a real helm that waits in a hook, and kills it there as a power cut would. */
async function killInTheMiddle(render: ChartRender, status: string): Promise<void> {
  const helmProcess = spawn(binary, [...upgradeArgs(render, connection)], { stdio: ["pipe", "ignore", "ignore"] });
  helmProcess.stdin.end(render.values);
  await until(`status ${status}`, async () => ((await helm.find("r", render.namespace, signal))?.status === status ? true : undefined), {
    deadlineMs: 60_000,
  });
  helmProcess.kill("SIGKILL");
}

async function renderIn(namespace: string, values: string): Promise<ChartRender> {
  await api.request({ method: "POST", path: "/api/v1/namespaces", body: { metadata: { name: namespace } }, signal }, z.unknown());
  return { release: "r", namespace, chart, values, kubeVersion: version, apiVersions: [] };
}

/** `ours`: the newest revision before the run that was killed. */
async function repair(namespace: string, ours = 0): Promise<void> {
  const clock = new HeldClock();
  await clock.during(
    repairRelease(helm, { name: "r", namespace, ours }, { clock, signal, advance: () => undefined, note: () => undefined }),
  );
}

describe("repairing a release that a killed helm left behind", () => {
  it("a first installation that hung in its hook can be applied again, and Helm's history is whole", async () => {
    const render = await renderIn("first", "hook: true\n");
    await killInTheMiddle(render, "pending-install");
    await repair("first");
    const applied = await helm.apply({ ...render, values: "text: after\n" }, signal);
    expect(applied.status).toBe("deployed");
    expect(await helm.manifest("r", "first", signal)).toContain("after");
    expect((await helm.history("r", "first", signal)).map(({ revision }) => revision)).toEqual([1, 2, 3]);
  });

  it("an upgrade that hung in its hook can be applied again", async () => {
    const render = await renderIn("second", "text: before\n");
    await helm.apply(render, signal);
    await killInTheMiddle({ ...render, values: "hook: true\n" }, "pending-upgrade");
    await repair("second", 1);
    expect((await helm.apply({ ...render, values: "text: after\n" }, signal)).status).toBe("deployed");
    expect(await helm.manifest("r", "second", signal)).toContain("after");
  });

  it("a release that is not locked is left as it is", async () => {
    const render = await renderIn("third", "text: before\n");
    await helm.apply(render, signal);
    await repair("third");
    expect((await helm.history("r", "third", signal)).map(({ status }) => status)).toEqual(["deployed"]);
  });
});
