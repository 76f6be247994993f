import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { z } from "zod";
import { ApiClient } from "../../../src/adapters/kubernetes/api-client.ts";
import { loadKubeConfig } from "../../../src/adapters/kubernetes/connection.ts";
import { createRunningParts } from "../../../src/adapters/kubernetes/running-parts/running-parts.ts";
import { attemptInside, down, ensureToolchain, runInside, type SandboxDocument, up } from "../../sandbox/index.ts";
import { installCrds } from "./crds.ts";
import {
  chart,
  everything,
  type KubernetesObject,
  objects,
  parseManifests,
  type Rendering,
  type Values,
  valuesArguments,
} from "./render.ts";

const name = "chart-addons";
const namespace = "client";
let sandbox: SandboxDocument;

const llm = { "llm.baseUrl": "https://llm.example/v1", "llm.hosts": ["llm.example"] } as const;
const host = { "ingress.host": "migrate.client.example" } as const;

/** Each optional part: what asks for it, the groups that its objects are of, and their kinds. */
const parts: readonly (readonly [title: string, values: Values, groups: readonly string[], kinds: readonly string[]])[] = [
  ["KEDA with one Redis", { "keda.enabled": true }, ["keda.sh/v1alpha1"], ["ScaledObject", "TriggerAuthentication"]],
  [
    "KEDA with Sentinel and the agent pool",
    { profile: "standard", "keda.enabled": true },
    ["keda.sh/v1alpha1"],
    ["ScaledObject", "ScaledObject", "TriggerAuthentication"],
  ],
  [
    "cert-manager",
    { ...host, "ingress.tls.mode": "cert-manager", "ingress.tls.issuer.name": "ca" },
    ["cert-manager.io/v1"],
    ["Certificate"],
  ],
  [
    "the Prometheus operator",
    {
      profile: "standard",
      "serviceMonitor.enabled": true,
      "serviceMonitor.labels.release": "kube-prometheus",
      "prometheusRule.enabled": true,
    },
    ["monitoring.coreos.com/v1"],
    ["PrometheusRule", ...new Array<string>(7).fill("ServiceMonitor")],
  ],
  [
    "a Gateway of our own",
    { ...host, "ingress.kind": "gateway", "ingress.className": "public" },
    ["gateway.networking.k8s.io/v1"],
    ["Gateway", "HTTPRoute", "HTTPRoute"],
  ],
  [
    "a Gateway that is there",
    {
      "ingress.kind": "gateway",
      "ingress.gateway.name": "shared",
      "ingress.gateway.namespace": "edge",
      "ingress.gateway.sectionName": "tls",
    },
    ["gateway.networking.k8s.io/v1"],
    ["HTTPRoute"],
  ],
  [
    "External Secrets",
    { ...llm, "secrets.mode": "external", "secrets.external.storeName": "vault", "secrets.external.storeKind": "ClusterSecretStore" },
    ["external-secrets.io/v1"],
    new Array<string>(5).fill("ExternalSecret"),
  ],
  ["Istio inside the mesh", { "istio.enabled": true }, ["networking.istio.io/v1"], ["DestinationRule", "VirtualService"]],
  [
    "Istio with its gateway and the LLM provider",
    { ...llm, ...host, "istio.enabled": true, "istio.gateways": ["istio-system/public"] },
    ["networking.istio.io/v1"],
    ["DestinationRule", "ServiceEntry", "VirtualService"],
  ],
  ["Istio of an older cluster", { "istio.enabled": true }, ["networking.istio.io/v1beta1"], ["DestinationRule", "VirtualService"]],
  ["Cilium", { ...llm, "networkPolicy.cilium": true }, ["cilium.io/v2"], ["CiliumNetworkPolicy"]],
  ["Gatekeeper", { "gatekeeper.enabled": true, scope: "cluster" }, ["templates.gatekeeper.sh/v1"], ["ConstraintTemplate"]],
  ["OpenShift's Routes", { ...host, "ingress.kind": "route" }, ["route.openshift.io/v1"], ["Route", "Route"]],
];

beforeAll(async () => {
  const toolchain = await ensureToolchain({ purposes: ["cluster", "bundle", "tests"] });
  await down(name);
  sandbox = await up({ name, cpus: 2, mode: "control-plane", toolchain });
  await runInside(sandbox, ["kubectl", "create", "namespace", namespace]);
}, 180_000);

afterAll(() => down(name));

const optionalGroups = new Set([...parts.flatMap(([, , groups]) => groups)].map((version) => version.split("/")[0]));
const optionalOnes = (all: readonly KubernetesObject[]) => all.filter(({ apiVersion }) => optionalGroups.has(apiVersion.split("/")[0]));
const ids = (all: readonly KubernetesObject[]) => all.map(({ kind, metadata }) => `${kind}/${metadata.name}`).sort();

/** The rendering that asks for everything but what needs a constraint's CRD, which Gatekeeper alone can make. */
const asked: Rendering = {
  ...everything,
  apiVersions: (everything.apiVersions ?? []).filter((version) => !version.startsWith("constraints.")),
};

async function applyRelease(): Promise<readonly KubernetesObject[]> {
  await runInside(sandbox, ["helm", "upgrade", "--install", "platform", chart, "-n", namespace, ...valuesArguments(asked)]);
  return parseManifests(await runInside(sandbox, ["helm", "get", "manifest", "platform", "-n", namespace]));
}

describe("with everything asked for", () => {
  test("a cluster without the APIs is given none of it, and is told what was left out", async () => {
    expect(ids(optionalOnes(await applyRelease()))).toEqual([]);
    const notes = await runInside(sandbox, ["helm", "get", "notes", "platform", "-n", namespace]);
    for (const left of [
      "keda.enabled",
      "serviceMonitor",
      "ingress.kind gateway",
      "cert-manager",
      "networkPolicy.cilium",
      "istio.enabled",
      "secrets.mode external",
    ])
      expect(notes).toMatch(new RegExp(`WARNING: .*${left}`));
  });

  test("once the projects' own CRDs are there, the next upgrade applies all of it, and nothing is left out any more", async () => {
    await installCrds(sandbox, AbortSignal.timeout(120_000));
    const applied = optionalOnes(await applyRelease());
    expect(ids(applied)).toEqual(ids(optionalOnes(objects(asked))));
    expect(await runInside(sandbox, ["helm", "get", "notes", "platform", "-n", namespace])).not.toContain("WARNING");
    for (const { kind, apiVersion, metadata } of applied) {
      const [group, version] = apiVersion.split("/");
      const scope = metadata.namespace === undefined ? [] : ["-n", metadata.namespace];
      await runInside(sandbox, ["kubectl", "get", `${kind}.${version}.${group}`, metadata.name, ...scope, "-o", "name"]);
    }
  }, 180_000);
});

describe("the scalers of a release, before and after a restore", () => {
  test("are held at no pod by KEDA's own annotation, and let go as they were", async () => {
    const signal = AbortSignal.timeout(30_000);
    const running = createRunningParts(new ApiClient(loadKubeConfig({ kubeconfig: sandbox.kubeconfigs.admin })));
    const scope = { release: "platform", namespace };
    const before = await running.scalers(scope, signal);
    expect(before).toContain("worker");
    for (const scaler of before) await running.pauseScaler(namespace, scaler, true, signal);
    expect(await running.scalers(scope, signal)).toEqual([]);
    const annotation = "jsonpath={.metadata.annotations.autoscaling\\.keda\\.sh/paused-replicas}";
    expect(await runInside(sandbox, ["kubectl", "-n", namespace, "get", "scaledobject", "worker", "-o", annotation])).toBe("0");
    for (const scaler of before) await running.pauseScaler(namespace, scaler, false, signal);
    expect(await running.scalers(scope, signal)).toEqual(before);
  });
});

describe.each(parts)("%s", (_, values, apiVersions, kinds) => {
  const groups = new Set(apiVersions);
  const made = objects({ values, apiVersions }).filter(({ apiVersion }) => groups.has(apiVersion));
  const dryRun = (all: readonly unknown[]) =>
    attemptInside(
      sandbox,
      ["kubectl", "apply", "--server-side", "--force-conflicts", "--dry-run=server", "--validate=strict", "-o", "name", "-f", "-"],
      {
        input: JSON.stringify({ apiVersion: "v1", kind: "List", items: all }),
      },
    );

  test("is accepted by the projects' own schemas without an unknown field", async () => {
    expect(made.map(({ kind }) => kind).sort()).toEqual(kinds);
    const { code, stdout, stderr } = await dryRun(made);
    expect(stderr).toBe("");
    expect(code).toBe(0);
    expect(stdout.trim().split("\n")).toHaveLength(kinds.length);
  });

  test("would be refused with a misspelt field, in every one of its objects", async () => {
    for (const object of made) {
      const { code, stderr } = await dryRun([{ ...object, spec: { ...z.looseObject({}).parse(object["spec"]), misspelt: true } }]);
      expect(code, `${object.kind} ${object.metadata.name}`).not.toBe(0);
      expect(stderr).toContain("misspelt");
    }
  });
});
