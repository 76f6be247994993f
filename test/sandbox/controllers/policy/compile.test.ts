import type { V1NetworkPolicy, V1NetworkPolicySpec } from "@kubernetes/client-node";
import { describe, expect, it } from "vitest";
import { compilePolicies, type PodEndpoint, type PolicyWorld } from "./compile.ts";

const pod = (namespace: string, name: string, ip: string, labels: Readonly<Record<string, string>>): PodEndpoint => ({
  namespace,
  name,
  ip,
  labels,
  ports: [{ name: "http", port: name === "backend" ? 8000 : 8080, protocol: "TCP" }],
});

const frontend = pod("client", "frontend", "10.0.0.1", { app: "frontend" });
const backend = pod("client", "backend", "10.0.0.2", { app: "backend" });
const controller = pod("ingress-nginx", "controller", "10.0.0.3", { app: "ingress" });
const dns = pod("kube-system", "dns", "10.0.0.4", { "k8s-app": "kube-dns" });

const world = (...specs: readonly V1NetworkPolicySpec[]): PolicyWorld => ({
  pods: [frontend, backend, controller, dns],
  namespaces: new Map(["client", "ingress-nginx", "kube-system"].map((name) => [name, { "kubernetes.io/metadata.name": name }])),
  policies: specs.map((spec, index): V1NetworkPolicy => ({ metadata: { name: `policy-${index}`, namespace: "client" }, spec })),
});

const of = (given: PolicyWorld, name: string, direction: "ingress" | "egress") =>
  compilePolicies(given).find((isolation) => isolation.pod.name === name && isolation.direction === direction);

const toBackend: V1NetworkPolicySpec = { podSelector: { matchLabels: { app: "backend" } }, policyTypes: ["Ingress"] };

describe("NetworkPolicies", () => {
  it("isolate no pod when there are none", () => {
    expect(compilePolicies(world())).toEqual([]);
  });

  it("deny everything in both directions by default, in their own namespace only", () => {
    const isolations = compilePolicies(world({ podSelector: {}, policyTypes: ["Ingress", "Egress"] }));
    expect(isolations.map((isolation) => [isolation.pod.name, isolation.direction, isolation.allowed])).toEqual([
      ["frontend", "ingress", []],
      ["frontend", "egress", []],
      ["backend", "ingress", []],
      ["backend", "egress", []],
    ]);
  });

  it("isolate incoming connections alone when they name no type and no egress", () => {
    const isolations = compilePolicies(world({ podSelector: { matchLabels: { app: "backend" } } }));
    expect(isolations.map(({ direction }) => direction)).toEqual(["ingress"]);
  });

  it("isolate outgoing connections too when they name no type but have egress rules", () => {
    const isolations = compilePolicies(world({ podSelector: { matchLabels: { app: "backend" } }, egress: [{}] }));
    expect(isolations.map(({ direction }) => direction)).toEqual(["ingress", "egress"]);
  });

  it("read a pod selector alone within the policy's namespace", () => {
    const given = world({ ...toBackend, ingress: [{ _from: [{ podSelector: {} }], ports: [{ port: 8000 }] }] });
    expect(of(given, "backend", "ingress")?.allowed).toEqual([
      {
        peers: [
          { kind: "pod", ip: "10.0.0.1" },
          { kind: "pod", ip: "10.0.0.2" },
        ],
        ports: [{ protocol: "tcp", from: 8000, to: 8000 }],
      },
    ]);
  });

  it("read a namespace and a pod selector in one peer as both at once", () => {
    const peer = {
      namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": "kube-system" } },
      podSelector: { matchLabels: { "k8s-app": "kube-dns" } },
    };
    const ports = [
      { port: 53, protocol: "UDP" },
      { port: 53, protocol: "TCP" },
    ];
    const given = world({ podSelector: {}, policyTypes: ["Egress"], egress: [{ to: [peer], ports }] });
    expect(of(given, "frontend", "egress")?.allowed).toEqual([
      {
        peers: [{ kind: "pod", ip: "10.0.0.4" }],
        ports: [
          { protocol: "udp", from: 53, to: 53 },
          { protocol: "tcp", from: 53, to: 53 },
        ],
      },
    ]);
  });

  it("let a whole namespace in by its label", () => {
    const peer = { namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": "ingress-nginx" } } };
    expect(of(world({ ...toBackend, ingress: [{ _from: [peer] }] }), "backend", "ingress")?.allowed).toEqual([
      { peers: [{ kind: "pod", ip: "10.0.0.3" }], ports: undefined },
    ]);
  });

  it("allow everyone with an empty rule and nobody with no rule", () => {
    expect(of(world({ ...toBackend, ingress: [{}] }), "backend", "ingress")?.allowed).toEqual([
      { peers: [{ kind: "anyone" }], ports: undefined },
    ]);
    expect(of(world({ ...toBackend, ingress: [] }), "backend", "ingress")?.allowed).toEqual([]);
  });

  it("let nobody in by a selector that no pod satisfies", () => {
    const given = world({ ...toBackend, ingress: [{ _from: [{ podSelector: { matchLabels: { app: "gone" } } }] }] });
    expect(of(given, "backend", "ingress")?.allowed).toEqual([]);
  });

  it("keep the exceptions of an address block, and leave out the other address family", () => {
    const to = [{ ipBlock: { cidr: "10.0.0.0/8", except: ["10.1.0.0/16"] } }, { ipBlock: { cidr: "::/0" } }];
    const given = world({ podSelector: {}, policyTypes: ["Egress"], egress: [{ to }] });
    expect(of(given, "frontend", "egress")?.allowed).toEqual([
      { peers: [{ kind: "block", cidr: "10.0.0.0/8", except: ["10.1.0.0/16"] }], ports: undefined },
    ]);
  });

  it("read a range of ports and a protocol without a port", () => {
    const ports = [{ port: 100, endPort: 200 }, { protocol: "UDP" }];
    expect(of(world({ ...toBackend, ingress: [{ ports }] }), "backend", "ingress")?.allowed[0]?.ports).toEqual([
      { protocol: "tcp", from: 100, to: 200 },
      { protocol: "udp", from: 0, to: 65535 },
    ]);
  });

  it("look up a named port of incoming connections in the isolated pod", () => {
    expect(of(world({ ...toBackend, ingress: [{ ports: [{ port: "http" }] }] }), "backend", "ingress")?.allowed).toEqual([
      { peers: [{ kind: "anyone" }], ports: [{ protocol: "tcp", from: 8000, to: 8000 }] },
    ]);
  });

  it("look up a named port of outgoing connections in each pod at the other end", () => {
    const given = world({
      podSelector: { matchLabels: { app: "frontend" } },
      policyTypes: ["Egress"],
      egress: [{ to: [{ podSelector: {} }], ports: [{ port: "http" }] }],
    });
    expect(of(given, "frontend", "egress")?.allowed).toEqual([
      { peers: [{ kind: "pod", ip: "10.0.0.1" }], ports: [{ protocol: "tcp", from: 8080, to: 8080 }] },
      { peers: [{ kind: "pod", ip: "10.0.0.2" }], ports: [{ protocol: "tcp", from: 8000, to: 8000 }] },
    ]);
  });

  it("add up: what one of several policies allows is allowed", () => {
    const given = world(
      { podSelector: {}, policyTypes: ["Ingress"] },
      { ...toBackend, ingress: [{ _from: [{ podSelector: { matchLabels: { app: "frontend" } } }] }] },
    );
    expect(of(given, "backend", "ingress")?.allowed).toEqual([{ peers: [{ kind: "pod", ip: "10.0.0.1" }], ports: undefined }]);
  });

  it("know all four operators of label expressions", () => {
    const admitted = (operator: string, values?: string[]): readonly string[] => {
      const podSelector = { matchExpressions: [{ key: "app", operator, ...(values && { values }) }] };
      const given = world({ ...toBackend, ingress: [{ _from: [{ namespaceSelector: {}, podSelector }] }] });
      const peers = of(given, "backend", "ingress")?.allowed.flatMap((allowance) => allowance.peers) ?? [];
      return peers.flatMap((peer) => (peer.kind === "pod" ? [peer.ip] : []));
    };
    expect(admitted("In", ["frontend", "backend"])).toEqual(["10.0.0.1", "10.0.0.2"]);
    expect(admitted("NotIn", ["frontend", "backend"])).toEqual(["10.0.0.3", "10.0.0.4"]);
    expect(admitted("Exists")).toEqual(["10.0.0.1", "10.0.0.2", "10.0.0.3"]);
    expect(admitted("DoesNotExist")).toEqual(["10.0.0.4"]);
  });
});
