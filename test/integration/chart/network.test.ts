import { describe, expect, test } from "vitest";
import { type End, networkOf } from "./network.ts";
import { workloads } from "./pods.ts";
import { objects, type Rendering } from "./render.ts";

/** Ports that each component listens on. */
const listens = {
  frontend: [8080, 8081],
  backend: [8000],
  worker: [8002],
  "agent-pool": [8002],
  "state-manager": [8001],
  "mcp-server": [8080],
  postgres: [5432, 9187],
  "postgres-replica": [5432, 9187],
  pgbouncer: [5432],
  redis: [6379, 26379],
} as const;

const application = ["backend", "worker", "agent-pool"];

/** Every connection that the platform's specification allows between its own pods. */
const wanted = [
  "frontend -> backend:8000",
  ...application.flatMap((from) => [`${from} -> state-manager:8001`, `${from} -> mcp-server:8080`]),
  ...[...application, "state-manager"].flatMap((from) => [
    `${from} -> pgbouncer:5432`,
    `${from} -> postgres-replica:5432`,
    `${from} -> redis:6379`,
    `${from} -> redis:26379`,
  ]),
  "pgbouncer -> postgres:5432",
  "migrations -> postgres:5432",
  "backup -> postgres:5432",
  "retention -> pgbouncer:5432",
  "postgres-replica -> postgres:5432",
  "postgres -> redis:6379",
  "postgres -> redis:26379",
  "redis -> redis:6379",
  "redis -> redis:26379",
].sort();

const standard: Rendering = { values: { profile: "standard" } };

function podsOf(rendering: Rendering): ReadonlyMap<string, End> {
  return new Map(
    workloads(objects(rendering)).map(({ component, template }) => [component, { kind: "pod", labels: template.metadata.labels }]),
  );
}

function pod(rendering: Rendering, component: string): End {
  const found = podsOf(rendering).get(component);
  if (found === undefined) throw new Error(`no pod of ${component}`);
  return found;
}

const elsewhere = (namespace: string, labels: Record<string, string> = {}): End => ({ kind: "elsewhere", namespace, labels });
const controller = elsewhere("ingress-nginx", { "app.kubernetes.io/name": "ingress-nginx" });
const dns = elsewhere("kube-system", { "k8s-app": "kube-dns" });

describe("between the platform's own pods", () => {
  test("exactly the wanted connections are allowed", () => {
    const pods = podsOf(standard);
    const network = networkOf(objects(standard));
    const allowed = [...pods].flatMap(([from, source]) =>
      Object.entries(listens).flatMap(([to, ports]) =>
        ports.filter((port) => network.allows(source, pod(standard, to), port)).map((port) => `${from} -> ${to}:${port}`),
      ),
    );
    expect(allowed.sort()).toEqual(wanted);
  });

  test("a pod without labels of the release reaches none of them", () => {
    const network = networkOf(objects(standard));
    const stranger: End = { kind: "pod", labels: { app: "stranger" } };
    const reached = Object.entries(listens).flatMap(([to, ports]) =>
      ports.filter((port) => network.allows(stranger, pod(standard, to), port)).map((port) => `${to}:${port}`),
    );
    expect(reached).toEqual([]);
  });

  test("an MCP server reaches the pooler when it wants the database and not otherwise", () => {
    const withDatabase = { values: { "mcp.servers[0].name": "assessment-tools", "mcp.servers[0].database": true } };
    const allows = (rendering: Rendering) =>
      networkOf(objects(rendering)).allows(pod(rendering, "mcp-server"), pod(rendering, "pgbouncer"), 5432);
    expect(allows(withDatabase)).toBe(true);
    expect(allows({ values: { profile: "small" } })).toBe(false);
  });
});

describe("with the outside", () => {
  test("every pod may ask the cluster's DNS and nothing else there", () => {
    const network = networkOf(objects(standard));
    for (const source of podsOf(standard).values()) {
      expect(network.allows(source, dns, 53, "UDP")).toBe(true);
      expect(network.allows(source, dns, 53, "TCP")).toBe(true);
      expect(network.allows(source, dns, 8181)).toBe(false);
      expect(network.allows(source, elsewhere("kube-system", { "k8s-app": "metrics-server" }), 53, "UDP")).toBe(false);
    }
  });

  test("the ingress controller reaches frontend and backend, and only those", () => {
    const network = networkOf(objects(standard));
    const reached = Object.entries(listens).flatMap(([to, ports]) =>
      ports.filter((port) => network.allows(controller, pod(standard, to), port)).map((port) => `${to}:${port}`),
    );
    expect(reached).toEqual(["frontend:8080", "frontend:8081", "backend:8000"]);
  });

  test("without an ingress nobody from outside reaches anything", () => {
    const closed = { values: { profile: "standard", "ingress.enabled": false } };
    expect(networkOf(objects(closed)).allows(controller, pod(closed, "frontend"), 8080)).toBe(false);
  });

  test("a controller on the host network is let in by its addresses", () => {
    const rendering = { values: { "networkPolicy.ingressControllerCidrs": ["10.0.0.0/16"] } };
    const network = networkOf(objects(rendering));
    expect(network.allows({ kind: "address", cidr: "10.0.0.0/16" }, pod(rendering, "frontend"), 8080)).toBe(true);
    expect(network.allows({ kind: "address", cidr: "10.0.0.0/16" }, pod(rendering, "postgres"), 5432)).toBe(false);
  });

  test("monitoring reaches the metrics ports of the named namespace only when it is named", () => {
    const rendering = { values: { profile: "standard", "networkPolicy.monitoringNamespace": "monitoring" } };
    const reached = (from: End, made: Rendering) =>
      Object.entries(listens).flatMap(([to, ports]) =>
        ports.filter((port) => networkOf(objects(made)).allows(from, pod(made, to), port)).map((port) => `${to}:${port}`),
      );
    expect(reached(elsewhere("monitoring"), rendering)).toEqual([
      "backend:8000",
      "worker:8002",
      "agent-pool:8002",
      "state-manager:8001",
      "mcp-server:8080",
      "postgres:9187",
      "postgres-replica:9187",
    ]);
    expect(reached(elsewhere("monitoring"), standard)).toEqual([]);
    expect(reached(elsewhere("other"), rendering)).toEqual([]);
  });

  test("the LLM provider is reached by the application's pods, once it is configured and its addresses are given", () => {
    const address: End = { kind: "address", cidr: "203.0.113.0/24" };
    const open = {
      values: { profile: "standard", "llm.baseUrl": "https://llm.example/v1", "networkPolicy.llm.cidrs": ["203.0.113.0/24"] },
    };
    const addressOnly = { values: { profile: "standard", "networkPolicy.llm.cidrs": ["203.0.113.0/24"] } };
    const reaching = (rendering: Rendering) => {
      const network = networkOf(objects(rendering));
      return [...podsOf(rendering)].filter(([, source]) => network.allows(source, address, 443)).map(([component]) => component);
    };
    expect(reaching(open).sort()).toEqual(["agent-pool", "backend", "worker"]);
    expect(reaching(addressOnly)).toEqual([]);
  });

  test("sidecars reach Istio's control plane where Istio is asked for", () => {
    const rendering: Rendering = { values: { "istio.enabled": true }, apiVersions: ["networking.istio.io/v1"] };
    const istiod = elsewhere("istio-system", { app: "istiod" });
    for (const source of podsOf(rendering).values()) {
      expect(networkOf(objects(rendering)).allows(source, istiod, 15012)).toBe(true);
      expect(networkOf(objects(rendering)).allows(source, istiod, 443)).toBe(false);
      expect(networkOf(objects(standard)).allows(source, istiod, 15012)).toBe(false);
    }
  });

  test("the ingress controller reaches the pod that answers an ACME challenge, where cert-manager is asked for", () => {
    const solver: End = { kind: "pod", labels: { "acme.cert-manager.io/http01-solver": "true" } };
    const values = { "ingress.tls.mode": "cert-manager", "ingress.tls.issuer.name": "letsencrypt", "ingress.host": "a.example" };
    const rendering: Rendering = { values, apiVersions: ["cert-manager.io/v1"] };
    expect(networkOf(objects(rendering)).allows(controller, solver, 8089)).toBe(true);
    expect(networkOf(objects(rendering)).allows(elsewhere("other"), solver, 8089)).toBe(false);
    expect(networkOf(objects(standard)).allows(controller, solver, 8089)).toBe(false);
  });

  test("Cilium watches the DNS that the values name, for the provider's names to be learnt", () => {
    const values = {
      "networkPolicy.cilium": true,
      "llm.baseUrl": "https://llm.example",
      "llm.hosts": ["llm.example"],
      "networkPolicy.dns.namespaceSelector.kubernetes\\.io/metadata\\.name": "openshift-dns",
      "networkPolicy.dns.podSelector.k8s-app": "dns-default",
      "openshift.enabled": true,
    };
    const policy = objects({ values, apiVersions: ["cilium.io/v2"] }).find(({ kind }) => kind === "CiliumNetworkPolicy");
    expect(policy?.["spec"]).toMatchObject({
      egress: [
        {
          toEndpoints: [{ matchLabels: { "k8s:io.kubernetes.pod.namespace": "openshift-dns", "k8s:k8s-app": "dns-default" } }],
          toPorts: [{ ports: [{ port: "53" }, { port: "5353" }] }],
        },
        { toFQDNs: [{ matchName: "llm.example" }], toPorts: [{ ports: [{ port: "443", protocol: "TCP" }] }] },
      ],
    });
  });

  test("KEDA's operator reads the queue only where KEDA scales", () => {
    const rendering: Rendering = { values: { "keda.enabled": true }, apiVersions: ["keda.sh/v1alpha1"] };
    expect(networkOf(objects(rendering)).allows(elsewhere("keda"), pod(rendering, "redis"), 6379)).toBe(true);
    expect(networkOf(objects(standard)).allows(elsewhere("keda"), pod(standard, "redis"), 6379)).toBe(false);
  });
});

test("default deny of the release leaves foreign pods of the namespace alone", () => {
  const shared = { values: { "networkPolicy.defaultDeny": "release" } };
  const stranger: End = { kind: "pod", labels: { app: "stranger" } };
  const world: End = { kind: "address", cidr: "198.51.100.0/24" };
  expect(networkOf(objects(shared)).allows(stranger, world, 443)).toBe(true);
  expect(networkOf(objects({ values: { profile: "small" } })).allows(stranger, world, 443)).toBe(false);
  expect(networkOf(objects(shared)).allows(pod(shared, "backend"), world, 443)).toBe(false);
});

test("without NetworkPolicies asked for none is rendered", () => {
  expect(objects({ values: { "networkPolicy.enabled": false } }).filter(({ kind }) => kind === "NetworkPolicy")).toEqual([]);
});
