import { spawn } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { stringify } from "yaml";
import { z } from "zod";
import { upgradeArgs } from "../../../src/adapters/helm/commands.ts";
import { createHelm } from "../../../src/adapters/helm/helm.ts";
import { ApiClient } from "../../../src/adapters/kubernetes/api-client.ts";
import { type Connection, openConnection } from "../../../src/adapters/kubernetes/connection.ts";
import type { ChartRender, Helm } from "../../../src/ports/helm.ts";
import { problemOf } from "../../fakes/problem-of.ts";
import { down, ensureToolchain, up } from "../../sandbox/index.ts";
import { until } from "../../sandbox/until.ts";
import { sampleChart } from "./sample-chart.ts";

const name = "helm-test";
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
  folder = await mkdtemp(join(tmpdir(), "helm-"));
  chart = await sampleChart(folder);
  const opened = openConnection({ kubeconfig: sandbox.kubeconfigs.admin });
  connection = opened.connection;
  api = new ApiClient(opened.config);
  helm = createHelm({ environment: { ...process.env, MIGRATECTL_HELM: binary }, connection });
});
afterAll(async () => {
  await down(name);
  await rm(folder, { recursive: true, force: true });
});

/** A render into a namespace of its own, which is made. */
async function renderIn(namespace: string, values: unknown = {}): Promise<ChartRender> {
  await api.request({ method: "POST", path: "/api/v1/namespaces", body: { metadata: { name: namespace } }, signal }, z.unknown());
  return { release: "r", namespace, chart, values: stringify(values), kubeVersion: version, apiVersions: [] };
}

/** Waits until the release's newest revision has a status. */
const statusIs = (namespace: string, status: string) =>
  until(`status ${status}`, async () => ((await helm.find("r", namespace, signal))?.status === status ? true : undefined), {
    deadlineMs: 60_000,
  });

/** Helm's own manifest and the template's, without the document marks around them. */
const trimmed = (manifests: string) => manifests.replace(/^---\n/, "").trimEnd();

describe("applying with helm", () => {
  test("installs, byte for byte, what the template gave", async () => {
    const render = await renderIn("installs", { text: "{{ x }}" });
    const rendered = await helm.template(render, signal);
    expect(await helm.apply(render, signal)).toMatchObject({
      name: "r",
      revision: 1,
      status: "deployed",
      chartVersion: "1.2.3",
      appVersion: "4.5.6",
    });
    expect(trimmed(await helm.manifest("r", "installs", signal))).toBe(trimmed(rendered));
  });

  test("upgrades to what is told now, not to what was told before", async () => {
    const render = await renderIn("upgrades", { text: "first" });
    await helm.apply(render, signal);
    expect((await helm.apply({ ...render, values: "replicas: 2\n" }, signal)).revision).toBe(2);
    expect(await helm.manifest("r", "upgrades", signal)).not.toContain("first");
    expect((await helm.history("r", "upgrades", signal)).map(({ revision, status }) => [revision, status])).toEqual([
      [1, "superseded"],
      [2, "deployed"],
    ]);
  });

  test("goes back to a revision", async () => {
    const render = await renderIn("rollbacks", { text: "first" });
    await helm.apply(render, signal);
    await helm.apply({ ...render, values: "text: second\n" }, signal);
    await helm.rollback("r", "rollbacks", 1, signal);
    expect(await helm.manifest("r", "rollbacks", signal)).toContain("first");
    expect((await helm.find("r", "rollbacks", signal))?.revision).toBe(3);
  });

  test("finds nothing where nothing was installed, and removes nothing without complaint", async () => {
    expect(await helm.find("r", "default", signal)).toBeUndefined();
    expect(await helm.history("r", "default", signal)).toEqual([]);
    await helm.uninstall("r", "default", signal);
  });

  test("removes a release", async () => {
    await helm.apply(await renderIn("removes"), signal);
    await helm.uninstall("r", "removes", signal);
    expect(await helm.find("r", "removes", signal)).toBeUndefined();
  });
});

describe("what stands in the way", () => {
  test("a helm that was killed leaves the release pending, which is found and told", async () => {
    const render = await renderIn("stuck", { hook: true });
    const killed = spawn(binary, [...upgradeArgs(render, connection)], { stdio: ["pipe", "ignore", "ignore"] });
    killed.stdin.end(render.values);
    await statusIs("stuck", "pending-install");
    killed.kill("SIGKILL");
    const problem = await problemOf(() => helm.apply({ ...render, values: "" }, signal));
    expect(problem.code).toBe("HELM_STUCK");
    expect((await helm.find("r", "stuck", signal))?.status).toBe("pending-install");
  });

  test("a helm that was cancelled leaves a record that is not pending", async () => {
    const render = await renderIn("cancelled", { hook: true });
    const cancel = new AbortController();
    const applying = helm.apply(render, cancel.signal);
    applying.catch(() => {});
    await statusIs("cancelled", "pending-install");
    cancel.abort(new Error("Ctrl-C"));
    await expect(applying).rejects.toThrow("Ctrl-C");
    await statusIs("cancelled", "failed");
  });

  test("a field that somebody else owns is not taken over unasked, and is when asked", async () => {
    const render = await renderIn("conflicts");
    await helm.apply(render, signal);
    const path = "/apis/apps/v1/namespaces/conflicts/deployments/web";
    const body = { apiVersion: "apps/v1", kind: "Deployment", metadata: { name: "web" }, spec: { replicas: 7 } };
    await api.request(
      {
        method: "PATCH",
        path,
        query: { fieldManager: "somebody", force: true },
        contentType: "application/apply-patch+yaml",
        body,
        signal,
      },
      z.unknown(),
    );
    const problem = await problemOf(() => helm.apply({ ...render, values: "replicas: 3\n" }, signal));
    expect(problem.code).toBe("HELM_CONFLICT");
    expect(problem.message).toContain("somebody");
    await helm.apply({ ...render, values: "replicas: 3\n" }, signal, { takeOverConflicts: true });
    const { spec } = await api.request({ method: "GET", path, signal }, z.object({ spec: z.object({ replicas: z.number() }) }));
    expect(spec.replicas).toBe(3);
  });

  test("an object of the wanted name that is not helm's is told and left alone", async () => {
    const render = await renderIn("foreign");
    await api.request(
      {
        method: "POST",
        path: "/api/v1/namespaces/foreign/configmaps",
        body: { metadata: { name: "settings" }, data: { theirs: "1" } },
        signal,
      },
      z.unknown(),
    );
    expect((await problemOf(() => helm.apply(render, signal))).code).toBe("HELM_FOREIGN_OBJECT");
    const { data } = await api.request(
      { method: "GET", path: "/api/v1/namespaces/foreign/configmaps/settings", signal },
      z.object({ data: z.record(z.string(), z.string()) }),
    );
    expect(data).toEqual({ theirs: "1" });
  });
});
