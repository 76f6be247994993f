import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { stringify } from "yaml";
import { z } from "zod";
import { createHelm } from "../../../src/adapters/helm/helm.ts";
import { ApiClient } from "../../../src/adapters/kubernetes/api-client.ts";
import { openConnection } from "../../../src/adapters/kubernetes/connection.ts";
import { createLiveObjects } from "../../../src/adapters/kubernetes/live-objects/live-objects.ts";
import { formatPath } from "../../../src/domain/diff/field-path.ts";
import type { ChartRender, Helm } from "../../../src/ports/helm.ts";
import type { LiveObjects } from "../../../src/ports/live-objects.ts";
import { type DiffResult, diff } from "../../../src/workflow/diff/diff.ts";
import { down, ensureToolchain, runInside, type SandboxDocument, up } from "../../sandbox/index.ts";
import { chart, profiles, registry } from "../chart/render.ts";

const name = "diff";
const signal = new AbortController().signal;
let sandbox: SandboxDocument;
let helm: Helm;
let live: LiveObjects;

beforeAll(async () => {
  const toolchain = await ensureToolchain({ purposes: ["cluster", "bundle", "tests"] });
  await down(name);
  sandbox = await up({ name, cpus: 2, mode: "control-plane", toolchain });
  const { config, connection } = openConnection({ kubeconfig: sandbox.kubeconfigs.admin });
  helm = createHelm({ environment: { ...process.env, MIGRATECTL_HELM: join(toolchain.binDir, "helm") }, connection });
  live = createLiveObjects(new ApiClient(config));
}, 180_000);
afterAll(() => down(name));

const render = (namespace: string, profile: string, more: object = {}): ChartRender => ({
  ...{ release: "platform", namespace, chart, kubeVersion: `${sandbox.kubernetesVersion}`, apiVersions: [] },
  values: stringify({ profile, image: { registry }, secrets: { mode: "existing" }, ...more }),
});

async function compared(namespace: string, wanted?: ChartRender): Promise<DiffResult> {
  const release = wanted === undefined ? undefined : { version: "next", manifests: await helm.template(wanted, signal) };
  return diff({ helm, live }, { scope: { release: "platform", namespace }, wanted: release }, signal);
}

const kubectl = (namespace: string, ...args: readonly string[]) => runInside(sandbox, ["kubectl", "-n", namespace, ...args]);

/** `Deployment/backend spec.replicas by kubectl-edit` of every field that drifted. */
const drifted = ({ drift }: DiffResult) =>
  drift.flatMap((one) =>
    one.kind === "drifted"
      ? one.fields.map(({ change, owner }) => `${one.object.kind}/${one.object.name} ${formatPath(change.path)} by ${owner?.manager}`)
      : [`${one.object.kind}/${one.object.name} ${one.kind}`],
  );

const listSchema = z.object({
  items: z.array(z.object({ kind: z.string(), metadata: z.object({ name: z.string(), generation: z.int() }) })),
});

/** How often the specification of each workload was changed. */
async function generations(namespace: string): Promise<ReadonlyMap<string, number>> {
  const { items } = listSchema.parse(JSON.parse(await kubectl(namespace, "get", "deployments,statefulsets", "-o", "json")));
  return new Map(items.map(({ kind, metadata }) => [`${kind}/${metadata.name}`, metadata.generation]));
}

describe.each(profiles)("the chart of profile %s, as it was applied", (profile) => {
  it("has no drift and no change, whatever the API server made of it", async () => {
    const namespace = `diff-${profile}`;
    await runInside(sandbox, ["kubectl", "create", "namespace", namespace]);
    await helm.apply(render(namespace, profile), signal);
    const result = await compared(namespace, render(namespace, profile));
    expect(result.compared).toBeGreaterThan(20);
    expect(drifted(result)).toEqual([]);
    expect(result.changes).toEqual({ objects: [], restarts: [] });
  });
});

describe("what somebody changed in the cluster", () => {
  const namespace = "diff-small";

  it("is told with who it was, as the API server has it", async () => {
    await kubectl(namespace, "scale", "deployment/pgbouncer", "--replicas=7");
    const container = { name: "frontend", image: "other.example/x:1" };
    const patch = JSON.stringify({ spec: { template: { spec: { containers: [container] } } } });
    await kubectl(namespace, "patch", "deployment/frontend", "--field-manager=kubectl-edit", "-p", patch);
    await kubectl(namespace, "delete", "service/backend");
    const result = await compared(namespace);
    expect(drifted(result).toSorted()).toEqual([
      "Deployment/frontend spec.template.spec.containers[frontend].image by kubectl-edit",
      "Deployment/pgbouncer spec.replicas by kubectl",
      "Service/backend gone",
    ]);
    expect(result.changes).toBeUndefined();
  });

  it("is as the manifests say again after the install that the report names", async () => {
    await helm.apply(render(namespace, "small"), signal, { takeOverConflicts: true });
    expect(drifted(await compared(namespace))).toEqual([]);
  });
});

describe("what other values would change", () => {
  it("is what applying them changes: the pod templates of just those workloads whose pods are said to restart", async () => {
    const namespace = "diff-trial";
    const wanted = render(namespace, "trial", { logLevel: "DEBUG", resourceQuota: { enabled: true } });
    const { changes } = await compared(namespace, wanted);
    // The Job of the migrations has a name of its own for every configuration.
    expect(changes?.objects.filter(({ kind }) => kind === "added").map(({ object }) => object.kind)).toEqual(["ResourceQuota", "Job"]);
    const before = await generations(namespace);
    await helm.apply(wanted, signal);
    const changed = [...(await generations(namespace))].filter(([workload, generation]) => before.get(workload) !== generation);
    const restarts = changes?.restarts.map(({ object }) => `${object.kind}/${object.name}`) ?? [];
    expect(restarts.length).toBeGreaterThan(0);
    expect(changed.map(([workload]) => workload).toSorted()).toEqual(restarts.toSorted());
    expect((await compared(namespace, wanted)).changes).toEqual({ objects: [], restarts: [] });
  });
});
