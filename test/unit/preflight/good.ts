import type { CheckInput, Judgement } from "../../../preflight/check.ts";
import { checks } from "../../../preflight/checks.ts";
import { installRights } from "../../../src/adapters/kubernetes/install-rights.ts";
import { type Answers, type AnswersInput, answersSchema } from "../../../src/domain/answers/answers.ts";
import type { Facts } from "../../../src/domain/facts/facts.ts";
import { installMode } from "../../../src/domain/facts/install-mode.ts";
import { known, type Reading } from "../../../src/domain/reading.ts";
import { idle, node, pod } from "../capacity/cluster.ts";

/** The same reading for every denied part, as a namespaced user meets it. */
export const denied = {
  kind: "denied",
  verb: "list",
  resource: "things",
  message: "things is forbidden",
} as const satisfies Reading<never>;

const day = 86_400_000;

/** The moment at which all these facts were read. */
const moment = "2026-11-23T10:00:00.000Z";

/** So many days after (or before) that moment, RFC 3339. */
export function inDays(days: number): string {
  return new Date(Date.parse(moment) + days * day).toISOString();
}

/** Facts of a cluster on which every check passes. */
export const goodFacts: Facts = {
  apiVersion: "migratectl/v1",
  kind: "Facts",
  moment,
  cluster: {
    context: "prod",
    server: "https://10.0.0.1:6443",
    version: "v1.34.4",
    clockAhead: known(0),
    uid: known("11111111-2222"),
    user: known("admin"),
  },
  discovery: known({
    served: [
      ...["v1", "batch/v1", "networking.k8s.io/v1", "autoscaling/v2", "rbac.authorization.k8s.io/v1"].map((groupVersion) => ({
        groupVersion,
        kinds: [],
      })),
      { groupVersion: "apps/v1", kinds: ["Deployment", "StatefulSet"] },
      { groupVersion: "policy/v1", kinds: ["PodDisruptionBudget"] },
    ],
    broken: [],
  }),
  nodes: known([node("a", "8", "32Gi"), node("b", "8", "32Gi")]),
  pods: known({ ...idle, images: ["quay.io/cilium/cilium"] }),
  storageClasses: known([storageClass("fast")]),
  storageCapacities: known([{ className: "fast", capacity: "2Ti" }]),
  provisioners: known({ drivers: [], alive: ["csi.example"] }),
  volumes: known([]),
  ingressClasses: known([{ name: "nginx", controller: "k8s.io/ingress-nginx", isDefault: true }]),
  priorityClasses: known(["system-cluster-critical"]),
  namespaceName: "migrate-platform",
  namespace: known({ exists: true, labels: { "pod-security.kubernetes.io/enforce": "restricted" }, terminating: false, heldBy: [] }),
  quotas: known([]),
  limits: known([]),
  helmRevisions: known([]),
  recordedApis: known([]),
  claims: known([]),
  rights: known(
    installRights(installMode(answersSchema.parse({ version: "migratectl/v2", registry: { host: "r.example" } }), false)).map((right) => ({
      ...right,
      allowed: true,
    })),
  ),
  host: {
    os: "linux",
    architecture: "x64",
    memoryAvailable: 2 ** 32,
    runDirectory: { path: "/state", freeBytes: known(2 ** 34) },
    helm: known("4.3.0"),
  },
  registry: known({ kind: "usable", writable: true, detail: "takes uploads" }),
  ingressAddresses: known(["10.0.0.9"]),
  certificate: known({
    subject: "CN=x",
    names: ["migrate.client.example"],
    notBefore: inDays(-1),
    notAfter: inDays(300),
    keyMatches: true,
    matchesHost: true,
    chainInOrder: true,
  }),
};

/** A class that lacks nothing. */
export function storageClass(name: string, more: object = {}) {
  return {
    name,
    provisioner: "csi.example",
    isDefault: true,
    createdAt: inDays(-100),
    expandable: true,
    reclaimPolicy: "Retain",
    bindingMode: "WaitForFirstConsumer",
    topologies: [],
    ...more,
  };
}

const goodAnswers = {
  version: "migratectl/v2",
  registry: { host: "registry.client.example/platform" },
  ingress: { host: "migrate.client.example", tls: { mode: "files", certFile: "/tls.crt", keyFile: "/tls.key" } },
} as const satisfies AnswersInput;

/** Complete answers with some of them changed. */
export function answersWith(more: Partial<AnswersInput> = {}): Answers {
  return answersSchema.parse({ ...goodAnswers, ...more });
}

/** What the checks judge on a cluster where all is well, with some of it changed. */
export function input(facts: Partial<Facts> = {}, more: Partial<CheckInput> = {}): CheckInput {
  return {
    facts: { ...goodFacts, ...facts },
    answers: answersWith(),
    undecided: new Set(),
    wanted: known({
      pods: [
        pod("postgres", 0, "1", "4Gi", { priorityClassName: "system-cluster-critical" }),
        pod("backend", 0, "500m", "1Gi"),
        pod("backend", 1, "500m", "1Gi"),
        pod("migrations", 0, "200m", "512Mi", {}, "passing"),
      ],
      claims: [
        { name: "data-postgres-0", size: "200Gi", accessModes: ["ReadWriteOnce"] },
        { name: "data-redis-0", size: "10Gi", accessModes: ["ReadWriteOnce"] },
      ],
      apis: [{ apiVersion: "apps/v1", kind: "Deployment", names: ["backend"] }],
    }),
    ...more,
  };
}

/** What one check says. */
export function assess(id: string, given: CheckInput): readonly Judgement[] {
  const check = checks.find((one) => one.id === id);
  if (check === undefined) throw new Error(`no check ${id}`);
  return check.assess(given);
}
