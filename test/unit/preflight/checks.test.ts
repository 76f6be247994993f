import { describe, expect, it } from "vitest";
import type { CheckInput, Judgement } from "../../../preflight/check.ts";
import { checks } from "../../../preflight/checks.ts";
import { known, unavailable } from "../../../src/domain/reading.ts";
import type { UsedApi } from "../../../src/domain/upgrade/removed-apis.ts";
import { held, idle, node, pod } from "../capacity/cluster.ts";
import { answersWith, assess, denied, goodFacts, inDays, input, storageClass } from "./good.ts";

type Case = readonly [id: string, state: string, verdict: Judgement["verdict"], given: CheckInput, says: RegExp];

const rendered = (...apis: readonly UsedApi[]) => input({}, { wanted: known({ claims: [], pods: [], apis }) });
const cluster = (more: object) => input({ cluster: { ...goodFacts.cluster, ...more } });
const nodes = (...all: ReturnType<typeof node>[]) => input({ nodes: known(all) });
const host = (more: object) => input({ host: { ...goodFacts.host, ...more } });
const namespace = (more: object) => input({ namespace: known({ exists: true, labels: {}, terminating: false, heldBy: [], ...more }) });
const certificate = (more: object) =>
  input({
    certificate: known({ ...(goodFacts.certificate?.kind === "known" ? goodFacts.certificate.value : (undefined as never)), ...more }),
  });
const classes = (...all: ReturnType<typeof storageClass>[]) => input({ storageClasses: known(all) });
const quota = (hard: Record<string, string>, used: Record<string, string> = {}, scopes: string[] = []) =>
  input({ quotas: known([{ name: "team", hard, used, scopes }]) });
const limit = (type: string, more: object) =>
  input({ limits: known([{ range: "team", type, min: {}, max: {}, default: {}, defaultRequest: {}, ...more }]) });
const release = (status: string, name = "migrate-platform") => input({ helmRevisions: known([{ name, revision: 1, status }]) });
const claim = (more: object = {}) => known([{ name: "data-postgres-0", phase: "Bound", size: "200Gi", release: "", ...more }]);
const bundle = (platforms: string[], kubernetes = ">=1.24") => ({ version: "1.0.0", kubernetes, images: [{ platforms }] }) as never;

const cases: readonly Case[] = [
  ["cluster-identity", "that hides kube-system", "unknown", cluster({ uid: denied }), /list things/],
  ["kubernetes-version", "that is too old", "fail", cluster({ version: "v1.23.17" }), /v1\.23\.17/],
  [
    "kubernetes-version",
    "older than the release asks",
    "fail",
    input({}, { release: bundle(["linux/amd64"], ">=1.35") }),
    /release 1\.0\.0/,
  ],
  ["kubernetes-version", "with a vendor's suffix", "pass", cluster({ version: "v1.29.3-eks-adc7111" }), /eks/],
  ["kubernetes-version", "with a version nobody can read", "unknown", cluster({ version: "unreleased" }), /no version/],
  [
    "api-discovery",
    "with a broken aggregated API",
    "warn",
    input({
      discovery: known({
        served: goodFacts.discovery.kind === "known" ? goodFacts.discovery.value.served : [],
        broken: ["metrics.k8s.io/v1beta1"],
      }),
    }),
    /metrics/,
  ],
  [
    "api-discovery",
    "without apps/v1",
    "fail",
    input({ discovery: known({ served: [{ groupVersion: "v1", kinds: [] }], broken: [] }) }),
    /apps\/v1/,
  ],
  [
    "optional-apis",
    "without KEDA, which was asked for",
    "fail",
    input({}, { answers: answersWith({ features: { keda: "on" } }) }),
    /keda\.sh/,
  ],
  [
    "optional-apis",
    "with the API that was asked for",
    "pass",
    input(
      { discovery: known({ served: [{ groupVersion: "keda.sh/v1alpha1", kinds: [] }], broken: [] }) },
      { answers: answersWith({ features: { keda: "on" } }) },
    ),
    /keda/,
  ],
  [
    "removed-apis",
    "with a rendered object whose API is not served",
    "fail",
    rendered({ apiVersion: "monitoring.coreos.com/v1", kind: "ServiceMonitor", names: ["backend"] }),
    /v1\.34\.4 does not serve monitoring\.coreos\.com\/v1 ServiceMonitor \(backend\)/,
  ],
  [
    "removed-apis",
    "with a release that was recorded before the cluster was upgraded",
    "pass",
    input({ recordedApis: known([{ apiVersion: "policy/v1beta1", kind: "PodDisruptionBudget", names: ["a", "b"] }]) }),
    /will be brought along: policy\/v1beta1 PodDisruptionBudget \(2\), now policy\/v1/,
  ],
  ["removed-apis", "and a record that cannot be read", "pass", input({ recordedApis: unavailable("broken") }), /all served/],
  ["removed-apis", "and no chart", "unknown", input({}, { wanted: unavailable("there is no helm on PATH") }), /no helm/],
  ["node-conditions", "with no node ready", "fail", nodes(node("a", "8", "32Gi", { conditions: { Ready: "False" } })), /Ready=False/],
  [
    "node-conditions",
    "with one node cordoned",
    "warn",
    nodes(node("a", "8", "32Gi"), node("b", "8", "32Gi", { unschedulable: true })),
    /b \(cordoned\)/,
  ],
  [
    "node-conditions",
    "with a node without status",
    "warn",
    nodes(node("a", "8", "32Gi"), node("b", "8", "32Gi", { conditions: {}, allocatable: {} })),
    /not reported/,
  ],
  ["node-architecture", "of s390x", "fail", nodes(node("a", "8", "32Gi", { architecture: "s390x" })), /s390x/],
  [
    "node-architecture",
    "with arm64 nodes and a bundle of amd64 alone",
    "warn",
    input(
      { nodes: known([node("a", "8", "32Gi"), node("b", "8", "32Gi", { architecture: "arm64" })]) },
      { release: bundle(["linux/amd64"]) },
    ),
    /Keep the release off b/,
  ],
  [
    "node-architecture",
    "with arm64 nodes and a multi-arch bundle",
    "pass",
    input({ nodes: known([node("b", "8", "32Gi", { architecture: "arm64" })]) }, { release: bundle(["linux/amd64", "linux/arm64/v8"]) }),
    /arm64/,
  ],
  ["supported-minimum", "of two processors", "fail", nodes(node("a", "2", "24Gi")), /2 CPU and 24 GiB/],
  ["supported-minimum", "whose nodes keep a little for themselves", "warn", nodes(node("a", "7910m", "31Gi")), /just under/],
  [
    "supported-minimum",
    "whose room is on tainted nodes",
    "fail",
    nodes(node("a", "4", "16Gi"), node("b", "8", "32Gi", { taints: [{ key: "gpu", value: "", effect: "NoSchedule" }] })),
    /4 CPU/,
  ],
  [
    "supported-minimum",
    "of any size with profile trial",
    "warn",
    input({ nodes: known([node("a", "64", "256Gi")]) }, { answers: answersWith({ profile: "trial" }) }),
    /evaluation only/,
  ],
  [
    "capacity-fit",
    "with room only in the sum",
    "fail",
    nodes(...["a", "b", "c", "d"].map((name) => node(name, "8", "3Gi"))),
    /postgres-0 \(1 CPU, 4 GiB\): of 4 nodes 4 without enough memory/,
  ],
  [
    "capacity-fit",
    "that is full",
    "fail",
    input({ nodes: known([node("a", "8", "32Gi")]), pods: known(held("a", "7", "1Gi")) }),
    /Add 1 node like a/,
  ],
  ["capacity-fit", "that does not show its pods", "unknown", input({ pods: denied }), /list things/],
  [
    "capacity-fit",
    "too small even when empty, its pods hidden",
    "fail",
    input({ nodes: known([node("a", "500m", "1Gi")]), pods: denied }),
    /even on empty nodes/,
  ],
  ["capacity-fit", "and no chart", "unknown", input({}, { wanted: unavailable("there is no helm on PATH") }), /no helm/],
  [
    "capacity-fit",
    "that the scheduler may fill badly",
    "warn",
    input(
      { nodes: known([node("a", "4", "16Gi"), node("b", "4", "16Gi")]) },
      {
        wanted: known({
          claims: [],
          apis: [],
          pods: [...[0, 1, 2, 3].map((index) => pod("s", index, "1", "1Gi")), pod("l", 0, "4", "1Gi")],
        }),
      },
    ),
    /packed tightly/,
  ],
  [
    "pod-slots",
    "without free slots",
    "fail",
    input({
      nodes: known([node("a", "8", "32Gi", { allocatable: { cpu: "8", memory: "32Gi", pods: "4" } })]),
      pods: known(held("a", "0", "0", 3)),
    }),
    /1 free/,
  ],
  [
    "storage-class",
    "without a default class",
    "fail",
    classes(storageClass("slow", { isDefault: false })),
    /no default StorageClass; the cluster has: slow/,
  ],
  [
    "storage-class",
    "without the class that is named",
    "fail",
    input({}, { answers: answersWith({ storage: { className: "gone" } }), wanted: unavailable("no chart") }),
    /no StorageClass ..?gone/,
  ],
  [
    "storage-class",
    "whose provisioner nobody runs",
    "warn",
    classes(storageClass("fast", { provisioner: "gone.example" })),
    /nothing shows/,
  ],
  [
    "storage-class",
    "that makes no volumes and has none",
    "fail",
    classes(storageClass("local", { provisioner: "kubernetes.io/no-provisioner" })),
    /no volume of it is free/,
  ],
  [
    "storage-class",
    "with two defaults",
    "warn",
    classes(storageClass("old"), storageClass("new", { createdAt: inDays(-1) })),
    /takes the newest, new/,
  ],
  ["storage-class", "that cannot expand", "warn", classes(storageClass("fast", { expandable: false })), /cannot expand/],
  ["storage-class", "that deletes", "warn", classes(storageClass("fast", { reclaimPolicy: "Delete" })), /reclaimPolicy Delete/],
  [
    "storage-room",
    "with too little left",
    "fail",
    input({ storageCapacities: known([{ className: "fast", capacity: "100Gi" }]) }),
    /100 GiB left/,
  ],
  [
    "storage-room",
    "with enough left in no single place",
    "fail",
    input({
      storageCapacities: known([
        { className: "fast", capacity: "150Gi" },
        { className: "fast", capacity: "150Gi" },
      ]),
    }),
    /150 GiB left/,
  ],
  [
    "storage-room",
    "whose driver caps the size of a volume",
    "fail",
    input({ storageCapacities: known([{ className: "fast", capacity: "2Ti", maximumVolumeSize: "100Gi" }]) }),
    /largest volume is 100 GiB/,
  ],
  ["storage-room", "that does not say what is left", "unknown", input({ storageCapacities: known([]) }), /does not say/],
  [
    "rights",
    "that withholds a right",
    "fail",
    input({
      rights: known([
        { verb: "create", group: "apps", resource: "deployments", scope: "namespace", purpose: "x", vital: true, allowed: false },
      ]),
    }),
    /deployments\.apps \(create\)/,
  ],
  [
    "rights",
    "that withholds events only",
    "warn",
    input({
      rights: known([{ verb: "list", group: "", resource: "events", scope: "namespace", purpose: "x", vital: false, allowed: false }]),
    }),
    /less is told/,
  ],
  [
    "rights",
    "that lets nobody make namespaces",
    "fail",
    input({
      rights: known([{ verb: "create", group: "", resource: "namespaces", scope: "cluster", purpose: "x", vital: true, allowed: false }]),
    }),
    /Have the namespace made/,
  ],
  [
    "registry",
    "and a registry with another password",
    "fail",
    input({ registry: known({ kind: "refused", code: "REGISTRY_UNAUTHORIZED", what: "wrong password", fix: "give the right one" }) }),
    /wrong password/,
  ],
  [
    "registry",
    "and a registry that only reads",
    "fail",
    input({ registry: known({ kind: "usable", writable: false, detail: "may not push" }) }),
    /may not push/,
  ],
  [
    "registry",
    "and a registry whose certificate ends soon",
    "warn",
    input({ registry: known({ kind: "usable", writable: true, detail: "ok", certificateNotAfter: inDays(9) }) }),
    /ends in 9 days/,
  ],
  ["ingress-class", "without any class", "fail", input({ ingressClasses: known([]) }), /no ingress class/],
  [
    "ingress-class",
    "without the class that is named",
    "fail",
    input({}, { answers: answersWith({ ingress: { host: "a.example", className: "traefik" } }) }),
    /has: nginx/,
  ],
  [
    "ingress-class",
    "with a class that is no default",
    "warn",
    input({ ingressClasses: known([{ name: "nginx", controller: "x", isDefault: false }]) }),
    /--ingress-class nginx/,
  ],
  [
    "ingress-class",
    "with two defaults",
    "fail",
    input({ ingressClasses: known(["a", "b"].map((name) => ({ name, controller: "x", isDefault: true }))) }),
    /2 default classes/,
  ],
  [
    "ingress-class",
    "without the Gateway API",
    "fail",
    input({}, { answers: answersWith({ ingress: { host: "a.example", kind: "gateway" } }) }),
    /gateway\.networking/,
  ],
  ["ingress-dns", "and a name that nobody knows", "warn", input({ ingressAddresses: known([]) }), /does not resolve/],
  ["ingress-dns", "and a resolver that fails", "unknown", input({ ingressAddresses: unavailable("SERVFAIL") }), /SERVFAIL/],
  ["tls-certificate", "and an expired certificate", "fail", certificate({ notAfter: inDays(-3) }), /expired on 2026-11-20/],
  ["tls-certificate", "and a certificate that ends soon", "warn", certificate({ notAfter: inDays(10) }), /expires in 10 days/],
  ["tls-certificate", "and a certificate from tomorrow", "fail", certificate({ notBefore: inDays(1) }), /valid only from/],
  [
    "tls-certificate",
    "and a certificate for another name",
    "fail",
    certificate({ names: ["other.example"], matchesHost: false }),
    /not for migrate\.client\.example/,
  ],
  ["tls-certificate", "and the key of another certificate", "fail", certificate({ keyMatches: false }), /another certificate/],
  ["tls-certificate", "and a chain with a gap", "warn", certificate({ chainInOrder: false }), /do not sign/],
  [
    "tls-certificate",
    "and files that cannot be read",
    "fail",
    input({ certificate: unavailable("/tls.crt: no such file") }),
    /no such file/,
  ],
  [
    "tls-certificate",
    "without the cert-manager that was asked for",
    "fail",
    input({}, { answers: answersWith({ ingress: { host: "a.example", tls: { mode: "cert-manager", issuer: "x" } } }) }),
    /cert-manager/,
  ],
  [
    "network-policy",
    "whose plugin ignores policies",
    "warn",
    input({ pods: known({ ...idle, images: ["docker.io/flannel/flannel"] }) }),
    /no plugin/,
  ],
  ["network-policy", "of k3s", "pass", cluster({ version: "v1.30.2+k3s1" }), /k3s/],
  [
    "namespace-state",
    "that is being deleted",
    "fail",
    namespace({ terminating: true, heldBy: ["metrics.k8s.io does not answer"] }),
    /metrics/,
  ],
  [
    "namespace-state",
    "that may not be made",
    "fail",
    input(
      { namespace: known({ exists: false, labels: {}, terminating: false, heldBy: [] }) },
      { answers: answersWith({ release: { createNamespace: false } }) },
    ),
    /kubectl create namespace/,
  ],
  [
    "pod-security",
    "of level privileged",
    "warn",
    namespace({ labels: { "pod-security.kubernetes.io/enforce": "privileged" } }),
    /privileged/,
  ],
  [
    "quotas",
    "with room for the first pods only",
    "fail",
    quota({ "requests.cpu": "3" }, { "requests.cpu": "1500m" }),
    /requests\.cpu 2\.2 CPU needed, 1\.5 CPU left of 3/,
  ],
  ["quotas", "that counts pods", "fail", quota({ pods: "3" }), /pods 4 pods needed/],
  ["quotas", "for storage of one class", "fail", quota({ "fast.storageclass.storage.k8s.io/requests.storage": "100Gi" }), /210 GiB needed/],
  ["quotas", "for pods of another kind only", "pass", quota({ pods: "0" }, {}, ["BestEffort"]), /has room/],
  ["quotas", "with room for all", "pass", quota({ "requests.cpu": "3", pods: "9" }), /has room/],
  [
    "limit-ranges",
    "with a lower maximum",
    "fail",
    limit("Container", { max: { cpu: "100m" }, default: { cpu: "200m" } }),
    /above the maximum 100m/,
  ],
  ["limit-ranges", "with a higher minimum", "fail", limit("Container", { min: { memory: "2Gi" } }), /below the minimum/],
  ["limit-ranges", "that demands a limit", "fail", limit("Container", { max: { "ephemeral-storage": "1Gi" } }), /demands/],
  ["limit-ranges", "for claims", "fail", limit("PersistentVolumeClaim", { max: { storage: "100Gi" } }), /claim data-postgres-0/],
  ["limit-ranges", "that refuses nothing", "pass", limit("Container", { min: { cpu: "1m" } }), /none refuses/],
  [
    "priority-classes",
    "without a class that pods name",
    "fail",
    input(
      { priorityClasses: known([]) },
      { wanted: known({ claims: [], apis: [], pods: [pod("x", 0, "1", "1Gi", { priorityClassName: "gone" })] }) },
    ),
    /missing: gone/,
  ],
  [
    "priority-classes",
    "with the class that pods name",
    "pass",
    input(
      { priorityClasses: known(["gold"]) },
      { wanted: known({ claims: [], apis: [], pods: [pod("x", 0, "1", "1Gi", { priorityClassName: "gold" })] }) },
    ),
    /exist/,
  ],
  ["helm-release", "with a stuck release", "fail", release("pending-upgrade"), /helm rollback/],
  ["helm-release", "with a failed release", "warn", release("failed"), /failed/],
  ["helm-release", "with another release", "warn", release("deployed", "other"), /other \(deployed\)/],
  ["helm-release", "with this release installed", "pass", release("deployed"), /revision 1/],
  ["leftover-claims", "with data that nobody owns", "warn", input({ claims: claim() }), /used again/],
  ["leftover-claims", "with another release's data", "fail", input({ claims: claim({ release: "other" }) }), /release other/],
  [
    "leftover-claims",
    "with the installed release's data",
    "pass",
    input({
      claims: claim({ release: "migrate-platform" }),
      helmRevisions: known([{ name: "migrate-platform", revision: 1, status: "deployed" }]),
    }),
    /installed release/,
  ],
  ["host-helm", "without helm", "fail", host({ helm: unavailable("there is no helm on PATH") }), /no helm/],
  ["host-disk", "with a full disk", "fail", host({ runDirectory: { path: "/state", freeBytes: known(2 ** 20) } }), /1 MiB free/],
  ["host-memory", "with little memory", "warn", host({ memoryAvailable: 2 ** 26 }), /64 MiB/],
  ["clock-skew", "whose clock is ten minutes ahead", "fail", cluster({ clockAhead: known(600) }), /600 s ahead/],
  ["clock-skew", "whose clock is a minute behind", "warn", cluster({ clockAhead: known(-60) }), /60 s behind/],
];

describe("the checks", () => {
  it.each(cases)("%s on a cluster %s: %s", (id, _state, verdict, given, says) => {
    const judgements = assess(id, given);
    expect(judgements.map((one) => one.verdict)).toContain(verdict);
    expect(judgements.map((one) => JSON.stringify(one)).join("\n")).toMatch(says);
  });

  it.each(checks.map(({ id }) => id))("%s passes, or has nothing to say, where all is well", (id) => {
    const judgements = assess(id, input());
    expect(judgements.filter(({ verdict }) => verdict !== "pass")).toEqual([]);
    if (id !== "optional-apis" && id !== "priority-classes") expect(judgements.length).toBeGreaterThan(0);
  });

  it("each have a case above in which they do not pass", () => {
    const troubled = new Set(cases.filter(([, , verdict]) => verdict !== "pass").map(([id]) => id));
    expect(checks.map(({ id }) => id).filter((id) => !troubled.has(id))).toEqual([]);
  });

  it("tell how to fix whatever is not a pass, and why it matters", () => {
    for (const [id, , , given] of cases)
      for (const judgement of assess(id, given)) if (judgement.verdict !== "pass") expect(judgement.fix, id).toMatch(/\S/);
    for (const { id, why, title, needs } of checks) {
      expect([id, why.endsWith("."), title.length > 0, needs.length > 0]).toEqual([id, true, true, true]);
    }
    expect(new Set(checks.map(({ id }) => id)).size).toBe(checks.length);
  });

  it("never pass on what they were not allowed to read", () => {
    const hidden = Object.fromEntries(Object.entries(goodFacts).map(([key, value]) => [key, isReading(value) ? denied : value]));
    for (const { id, needs } of checks) {
      const readable = needs.every((need) => need === "rendered" || !isReading(goodFacts[need]));
      const verdicts = assess(id, input(hidden)).map(({ verdict }) => verdict);
      if (!readable) expect(verdicts, id).not.toContain("pass");
    }
  });
});

function isReading(value: unknown): boolean {
  return typeof value === "object" && value !== null && "kind" in value && value.kind === "known";
}
