import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { stringify } from "yaml";
import { z } from "zod";
import { createHelm } from "../../../src/adapters/helm/helm.ts";
import { ApiClient } from "../../../src/adapters/kubernetes/api-client.ts";
import { openConnection } from "../../../src/adapters/kubernetes/connection.ts";
import { createClusterObjects } from "../../../src/adapters/kubernetes/objects.ts";
import type { ClusterObjects } from "../../../src/ports/cluster-objects.ts";
import type { ChartRender, Helm } from "../../../src/ports/helm.ts";
import { applyStep } from "../../../src/workflow/steps/apply.ts";
import { HeldClock } from "../../fakes/held-clock.ts";
import { MemoryRunStore } from "../../fakes/memory-run-store.ts";
import { down, ensureToolchain, runInside, type SandboxDocument, up } from "../../sandbox/index.ts";
import { chart, profiles, registry } from "../chart/render.ts";

const name = "apply-again";
const signal = new AbortController().signal;
let sandbox: SandboxDocument;
let helm: Helm;
let objects: ClusterObjects;

beforeAll(async () => {
  const toolchain = await ensureToolchain({ purposes: ["cluster", "bundle", "tests"] });
  await down(name);
  sandbox = await up({ name, cpus: 2, mode: "control-plane", toolchain });
  const environment = { ...process.env, MIGRATECTL_HELM: join(toolchain.binDir, "helm") };
  const { config, connection } = openConnection({ kubeconfig: sandbox.kubeconfigs.admin });
  helm = createHelm({ environment, connection });
  objects = createClusterObjects(new ApiClient(config));
}, 180_000);
afterAll(() => down(name));

const listSchema = z.object({
  items: z.array(
    z.object({ kind: z.string(), metadata: z.object({ name: z.string(), uid: z.string(), generation: z.number().optional() }) }),
  ),
});

/** Kinds of the chart whose generation counts the changes of their spec. */
const kinds = "deployments,statefulsets,cronjobs,jobs,networkpolicies,poddisruptionbudgets,ingresses,services,configmaps,serviceaccounts";

async function standing(namespace: string): Promise<readonly string[]> {
  const { items } = listSchema.parse(JSON.parse(await runInside(sandbox, ["kubectl", "-n", namespace, "get", kinds, "-o", "json"])));
  return items.map(({ kind, metadata }) => `${kind}/${metadata.name} ${metadata.uid} ${metadata.generation}`);
}

/** Runs the action `apply` as a run does in which an earlier one was cut off. */
async function applyAfterInterruption(render: ChartRender, takeOverConflicts: boolean): Promise<unknown> {
  const clock = new HeldClock();
  const context = { signal, clock, run: new MemoryRunStore("again"), interrupted: true } as const;
  const silent = { advance: () => undefined, view: () => undefined, note: () => undefined, abort: () => undefined, onEnd: () => undefined };
  const rendered = { values: render.values, manifests: await helm.template(render, signal), documents: [], images: [], render };
  const need = { name: render.release, namespace: render.namespace, clusterUid: "any", rendered };
  const step = applyStep({ helm, objects }, { takeOverConflicts });
  return await clock.during(step.run(need, { ...context, ...silent }, { revision: 0 }));
}

describe.each(profiles)("the chart of profile %s, applied by a run that was cut off before it could say so", (profile) => {
  const namespace = `again-${profile}`;
  const values = stringify({ profile, image: { registry }, secrets: { mode: "existing" } });
  const render = () => ({ release: "platform", namespace, chart, values, kubeVersion: `${sandbox.kubernetesVersion}`, apiVersions: [] });

  it("is not applied again, and where it is, no object is made anew or changed", async () => {
    await runInside(sandbox, ["kubectl", "create", "namespace", namespace]);
    await helm.apply(render(), signal);
    const before = await standing(namespace);
    expect(before.length).toBeGreaterThan(20);
    expect(await applyAfterInterruption(render(), false)).toEqual({ applied: { revision: 1 } });
    expect(await helm.history("platform", namespace, signal)).toHaveLength(1);
    expect(await applyAfterInterruption(render(), true)).toEqual({ applied: { revision: 2 } });
    await helm.rollback("platform", namespace, 1, signal);
    expect(await standing(namespace)).toEqual(before);
  });

  it("is applied again when somebody has deleted some of it, which is then there again", async () => {
    const before = (await standing(namespace)).map((one) => one.split(" ")[0]);
    await runInside(sandbox, ["kubectl", "-n", namespace, "delete", "service/backend", "deployment/frontend"]);
    await runInside(sandbox, ["kubectl", "-n", namespace, "delete", "jobs", "--all"]);
    expect(await applyAfterInterruption(render(), false)).toEqual({ applied: { revision: 4 } });
    expect((await standing(namespace)).map((one) => one.split(" ")[0])).toEqual(before);
    expect(await applyAfterInterruption(render(), false)).toEqual({ applied: { revision: 4 } });
  });

  it("is applied when other values are wanted", async () => {
    const other = { ...render(), values: `${values}resourceQuota: { enabled: true }\n` };
    expect(await applyAfterInterruption(other, false)).toEqual({ applied: { revision: 5 } });
  });
});
