import { describe, expect, test } from "vitest";
import { z } from "zod";
import { everything, manifests, objects, profiles, type Rendering, type Values } from "./render.ts";

const triggersSchema = z.looseObject({
  spec: z.looseObject({
    triggers: z.array(z.looseObject({ type: z.string(), metadata: z.record(z.string(), z.string()) })),
  }),
});

const has = (rendering: Rendering, kind: string) => objects(rendering).some((object) => object.kind === kind);

/** Optional kinds: what asks for them, and the API they need (null: none). */
const optional = [
  ["ScaledObject", { "keda.enabled": true }, "keda.sh/v1alpha1"],
  ["TriggerAuthentication", { "keda.enabled": true }, "keda.sh/v1alpha1"],
  ["ServiceMonitor", { "serviceMonitor.enabled": true }, "monitoring.coreos.com/v1"],
  ["PrometheusRule", { "prometheusRule.enabled": true }, "monitoring.coreos.com/v1"],
  [
    "Certificate",
    { "ingress.tls.mode": "cert-manager", "ingress.tls.issuer.name": "ca", "ingress.host": "a.example" },
    "cert-manager.io/v1",
  ],
  ["Gateway", { "ingress.kind": "gateway", "ingress.className": "public" }, "gateway.networking.k8s.io/v1"],
  ["HTTPRoute", { "ingress.kind": "gateway", "ingress.gateway.name": "shared" }, "gateway.networking.k8s.io/v1"],
  ["Route", { "ingress.kind": "route" }, "route.openshift.io/v1"],
  ["ExternalSecret", { "secrets.mode": "external", "secrets.external.storeName": "vault" }, "external-secrets.io/v1"],
  ["VirtualService", { "istio.enabled": true }, "networking.istio.io/v1"],
  ["DestinationRule", { "istio.enabled": true }, "networking.istio.io/v1"],
  ["ConstraintTemplate", { "gatekeeper.enabled": true, scope: "cluster" }, "templates.gatekeeper.sh/v1"],
  [
    "CiliumNetworkPolicy",
    { "networkPolicy.cilium": true, "llm.baseUrl": "https://llm.example", "llm.hosts": ["llm.example"] },
    "cilium.io/v2",
  ],
  ["ResourceQuota", { "resourceQuota.enabled": true }, null],
  ["LimitRange", { "limitRange.enabled": true }, null],
  ["PriorityClass", { scope: "cluster" }, null],
] as const;

const everyApi = optional.flatMap(([, , api]) => (api === null ? [] : [api]));

describe.each(optional)("%s", (kind, values, api) => {
  test("is rendered when it is asked for and the cluster serves its API", () => {
    expect(has({ values, apiVersions: api === null ? [] : [api] }, kind)).toBe(true);
  });

  test("is not rendered unasked", () => {
    expect(has({ apiVersions: everyApi }, kind)).toBe(false);
  });
});

test.each(optional.filter(([, , api]) => api !== null))("%s is not rendered where the cluster does not serve its API", (kind, values) => {
  expect(has({ values }, kind)).toBe(false);
});

test("scope namespace renders nothing cluster-scoped, whatever is switched on", () => {
  const kinds = objects({ ...everything, values: { ...everything.values, scope: "namespace" } }).map(({ kind }) => kind);
  expect(
    kinds.filter((kind) =>
      ["PriorityClass", "ConstraintTemplate", "MigratePlatformRegistry", "ClusterRole", "ClusterRoleBinding", "Namespace"].includes(kind),
    ),
  ).toEqual([]);
});

test("every namespaced object names the release's namespace", () => {
  const clusterScoped = new Set(["PriorityClass", "ConstraintTemplate", "MigratePlatformRegistry"]);
  expect(objects(everything).filter(({ kind, metadata }) => !clusterScoped.has(kind) && metadata.namespace !== "client")).toEqual([]);
});

test("workers are scaled by KEDA or by an HPA, never by both", () => {
  const scalers = (rendering: Rendering) =>
    objects(rendering)
      .filter(({ kind }) => kind === "HorizontalPodAutoscaler" || kind === "ScaledObject")
      .map(({ kind, metadata }) => `${kind}/${metadata.name}`);
  const values = { profile: "standard", "keda.enabled": true };
  expect(scalers({ values }).sort()).toEqual(
    ["backend", "frontend", "worker", "agent-pool"].map((name) => `HorizontalPodAutoscaler/${name}`).sort(),
  );
  expect(scalers({ values, apiVersions: ["keda.sh/v1alpha1"] }).sort()).toEqual([
    "HorizontalPodAutoscaler/backend",
    "HorizontalPodAutoscaler/frontend",
    "ScaledObject/agent-pool",
    "ScaledObject/worker",
  ]);
});

describe("KEDA's triggers for workers", () => {
  const triggers = (values: Values) => {
    const scaled = objects({ values: { "keda.enabled": true, ...values }, apiVersions: ["keda.sh/v1alpha1"] }).find(
      ({ kind, metadata }) => kind === "ScaledObject" && metadata.name === "worker",
    );
    return triggersSchema.parse(scaled).spec.triggers;
  };

  test("are one for the list of each queue, with a worker for every two jobs", () => {
    const lists = ["crew_execution_queue", ...["discovery", "assessment", "analysis"].map((queue) => `crew_execution_queue:${queue}`)];
    expect(triggers({})).toEqual(
      lists.map((listName) => ({
        type: "redis",
        metadata: { address: "redis.client.svc:6379", listName, listLength: "2", activationListLength: "1" },
        authenticationRef: { name: "redis" },
      })),
    );
    expect(triggers({ "worker.queueKey": "jobs", "worker.queues": ["discovery"] }).map(({ metadata }) => metadata["listName"])).toEqual([
      "jobs:discovery",
    ]);
  });

  test("ask the Sentinels where Redis has some", () => {
    const sentinels = [0, 1, 2].map((ordinal) => `redis-${ordinal}.redis-headless.client.svc:26379`).join(",");
    for (const { type, metadata } of triggers({ profile: "standard" })) {
      expect(type).toBe("redis-sentinel");
      expect(metadata).toMatchObject({ addresses: sentinels, sentinelMaster: "mymaster" });
    }
  });
});

test("alerts and Falco's rules speak of the release's own namespace", () => {
  const text = manifests(everything);
  expect(text).toContain('pg_up{namespace="client"}');
  expect(text).toContain('k8s.ns.name = "client"');
  expect(text).not.toContain("NAMESPACE");
});

test.each(profiles)("profile %s uses no API that Kubernetes 1.24 lacks or 1.34 has dropped", (profile) => {
  const known = new Set(["v1", "apps/v1", "batch/v1", "policy/v1", "autoscaling/v2", "networking.k8s.io/v1"]);
  const all = [...objects({ values: { profile }, kubeVersion: "v1.24.0" }), ...objects({ values: { profile } })];
  expect(all.filter(({ apiVersion }) => !known.has(apiVersion))).toEqual([]);
});

test("CronJobs name their time zone from Kubernetes 1.27 on", () => {
  const zones = (kubeVersion: string) =>
    JSON.stringify(objects({ kubeVersion }).filter(({ kind }) => kind === "CronJob")).match(/"timeZone":"Etc\/UTC"/g)?.length ?? 0;
  expect(zones("v1.24.17")).toBe(0);
  expect(zones("v1.27.0")).toBe(4);
});
