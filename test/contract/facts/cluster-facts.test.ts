import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { kubernetesFacts } from "../../../src/adapters/kubernetes/facts/cluster-facts.ts";
import { answersSchema } from "../../../src/domain/answers/answers.ts";
import { factsSchema } from "../../../src/domain/facts/facts.ts";
import { installMode } from "../../../src/domain/facts/install-mode.ts";
import type { ClusterFacts } from "../../../src/ports/cluster-facts.ts";
import { type ClusterObject, FakeCluster } from "../../fakes/fake-cluster-facts.ts";
import { network } from "../../sandbox/index.ts";
import { describeReal, noCluster } from "../real.ts";
import { ControlPlane } from "./control-plane.ts";

/** A cluster that a test can change, seen by its owner and by somebody with rights in one namespace. */
interface World {
  apply(object: ClusterObject): Promise<void>;
  remove(object: ClusterObject): Promise<void>;
  readonly admin: ClusterFacts;
  readonly namespaced: ClusterFacts;
}

const own = network.clientNamespace;
const wide = [
  "namespaces/kube-system",
  "nodes",
  "pods in all namespaces",
  "storageclasses.storage.k8s.io",
  "csistoragecapacities.storage.k8s.io in all namespaces",
];
const alsoWide = [
  "csidrivers.storage.k8s.io, leases.coordination.k8s.io in all namespaces",
  "persistentvolumes",
  "ingressclasses.networking.k8s.io",
  "priorityclasses.scheduling.k8s.io",
];

async function fakeWorld(): Promise<World> {
  const cluster = new FakeCluster();
  cluster.apply({ apiVersion: "v1", kind: "Namespace", metadata: { name: own } });
  return {
    apply: async (object) => cluster.apply(object),
    remove: async (object) => cluster.remove(object),
    admin: cluster.as({ name: "admin", denied: new Set() }),
    namespaced: cluster.as({ name: network.namespacedUser, denied: new Set([...wide, ...alsoWide]), namespaces: [own] }),
  };
}

let plane: ControlPlane | undefined;

async function realWorld(): Promise<World> {
  const real = await ControlPlane.start("contract-facts");
  plane = real;
  await real.completeClientNamespace();
  return {
    apply: (object) => real.apply(object),
    remove: (object) => real.remove(object),
    admin: kubernetesFacts(real.admin),
    namespaced: kubernetesFacts(real.namespaced),
  };
}

const signal = new AbortController().signal;
/** What needs most rights. */
const widest = installMode(answersSchema.parse({ version: "migratectl/v2", registry: { host: "r.example" }, scope: "cluster" }), true);
const named = <T extends { readonly name: string }>(reading: { readonly kind: string; readonly value?: readonly T[] }, name: string) =>
  reading.value?.find((one) => one.name === name);

describe("cluster facts of the fake", () => factsContract(fakeWorld));

describeReal("cluster facts of a real control plane", noCluster, () => {
  factsContract(realWorld);
  afterAll(async () => plane?.stop());
});

function factsContract(start: () => Promise<World>): void {
  let world: World;
  beforeAll(async () => {
    world = await start();
  });

  it("tell version, identity and user", async () => {
    const cluster = await world.admin.cluster(signal);
    expect(cluster).toMatchObject({
      version: expect.stringMatching(/^v1\.\d+/),
      uid: { kind: "known", value: expect.stringMatching(/\S/) },
      user: { value: "admin" },
      clockAhead: { kind: "known" },
    });
  });

  it("tell which groups and kinds are served", async () => {
    const discovery = await world.admin.discovery(signal);
    expect(discovery.kind === "known" && discovery.value.served.find(({ groupVersion }) => groupVersion === "apps/v1")?.kinds).toContain(
      "Deployment",
    );
    expect(discovery.kind === "known" && discovery.value.served.find(({ groupVersion }) => groupVersion === "v1")?.kinds).toContain("Pod");
  });

  it("follow the nodes as they come, change and go", async () => {
    const node: ClusterObject = {
      apiVersion: "v1",
      kind: "Node",
      metadata: { name: "worker-1", labels: { zone: "a", "kubernetes.io/arch": "arm64", "kubernetes.io/os": "linux" } },
      spec: { unschedulable: true, taints: [{ key: "gpu", effect: "NoSchedule" }] },
      status: { allocatable: { cpu: "7500m", memory: "31Gi", pods: "110" }, conditions: [{ type: "Ready", status: "True" }] },
    };
    await world.apply(node);
    expect(named(await world.admin.nodes(signal), "worker-1")).toMatchObject({
      labels: { zone: "a" },
      unschedulable: true,
      taints: expect.arrayContaining([{ key: "gpu", value: "", effect: "NoSchedule" }]),
      conditions: { Ready: "True" },
      allocatable: { cpu: "7500m", memory: "31Gi", pods: "110" },
      architecture: "arm64",
      os: "linux",
    });
    await world.remove(node);
    expect(named(await world.admin.nodes(signal), "worker-1")).toBeUndefined();
  });

  it("count what unfinished pods hold on each node, and who waits", async () => {
    const pod = (name: string, spec: object, phase?: string): ClusterObject => ({
      apiVersion: "v1",
      kind: "Pod",
      metadata: { name, namespace: own, labels: { app: name } },
      spec: {
        containers: [{ name: "c", image: "registry.example/team/app:1", resources: { requests: { cpu: "250m", memory: "64Mi" } } }],
        ...spec,
      },
      ...(phase === undefined ? {} : { status: { phase } }),
    });
    await world.apply(
      pod("runs", { nodeName: "worker-9", initContainers: [{ name: "i", image: "x:1", resources: { requests: { cpu: "1" } } }] }),
    );
    await world.apply(pod("done", { nodeName: "worker-9" }, "Succeeded"));
    await world.apply(pod("waits", {}));
    const pods = await world.admin.pods(own, signal);
    expect(pods).toMatchObject({
      kind: "known",
      value: {
        nodes: { "worker-9": { requests: { cpu: "1", memory: "67108864" }, pods: 1 } },
        waiting: { requests: { cpu: "250m" }, pods: 1 },
        namespace: [
          { name: "runs", node: "worker-9", labels: { app: "runs" }, requests: { cpu: "1" } },
          { name: "waits", node: "" },
        ],
        images: expect.arrayContaining(["registry.example/team/app"]),
      },
    });
    const elsewhere = await world.admin.pods("another", signal);
    expect(elsewhere.kind === "known" && elsewhere.value.namespace).toEqual([]);
  });

  it("tell classes of storage, ingress and priority, and drivers", async () => {
    const annotations = { "storageclass.kubernetes.io/is-default-class": "true" };
    await world.apply({
      apiVersion: "storage.k8s.io/v1",
      kind: "StorageClass",
      metadata: { name: "fast", annotations },
      provisioner: "csi.example",
      allowVolumeExpansion: true,
      reclaimPolicy: "Retain",
      volumeBindingMode: "WaitForFirstConsumer",
    });
    await world.apply({ apiVersion: "storage.k8s.io/v1", kind: "CSIDriver", metadata: { name: "csi.example" }, spec: {} });
    await world.apply({
      apiVersion: "networking.k8s.io/v1",
      kind: "IngressClass",
      metadata: { name: "web", annotations: { "ingressclass.kubernetes.io/is-default-class": "true" } },
      spec: { controller: "example.com/web" },
    });
    await world.apply({ apiVersion: "scheduling.k8s.io/v1", kind: "PriorityClass", metadata: { name: "gold" }, value: 5 });
    expect(named(await world.admin.storageClasses(signal), "fast")).toMatchObject({
      provisioner: "csi.example",
      isDefault: true,
      expandable: true,
      reclaimPolicy: "Retain",
      bindingMode: "WaitForFirstConsumer",
    });
    expect(await world.admin.provisioners(signal)).toEqual({ kind: "known", value: { drivers: ["csi.example"], alive: [] } });
    expect(named(await world.admin.ingressClasses(signal), "web")).toEqual({ name: "web", controller: "example.com/web", isDefault: true });
    expect(await world.admin.priorityClasses(signal)).toMatchObject({ value: expect.arrayContaining(["gold"]) });
  });

  it("tell what is in the namespace, and of Helm's Secrets only the labels", async () => {
    expect(await world.admin.namespace("no-such", signal)).toEqual({
      kind: "known",
      value: { exists: false, labels: {}, terminating: false, heldBy: [] },
    });
    expect(await world.admin.namespace(own, signal)).toMatchObject({
      value: { exists: true, labels: { "kubernetes.io/metadata.name": own } },
    });
    await world.apply({
      apiVersion: "v1",
      kind: "ResourceQuota",
      metadata: { name: "team", namespace: own },
      spec: { hard: { pods: "50", "requests.cpu": "50" } },
    });
    await world.apply({
      apiVersion: "v1",
      kind: "LimitRange",
      metadata: { name: "range", namespace: own },
      spec: { limits: [{ type: "Pod", max: { cpu: "40" } }] },
    });
    await world.apply({
      apiVersion: "v1",
      kind: "Secret",
      metadata: {
        name: "sh.helm.release.v1.x.v2",
        namespace: own,
        labels: { owner: "helm", name: "x", version: "2", status: "pending-upgrade" },
      },
      type: "helm.sh/release.v1",
    });
    await world.apply({ apiVersion: "v1", kind: "Secret", metadata: { name: "other", namespace: own } });
    await world.apply({
      apiVersion: "v1",
      kind: "PersistentVolumeClaim",
      metadata: { name: "data", namespace: own, annotations: { "meta.helm.sh/release-name": "x" } },
      spec: { accessModes: ["ReadWriteOnce"], storageClassName: "fast", resources: { requests: { storage: "5Gi" } } },
    });
    expect(await world.admin.quotas(own, signal)).toEqual({
      kind: "known",
      value: [{ name: "team", hard: { pods: "50", "requests.cpu": "50" }, used: {}, scopes: [] }],
    });
    expect(await world.admin.limits(own, signal)).toMatchObject({ value: [{ range: "range", type: "Pod", max: { cpu: "40" } }] });
    expect(await world.admin.helmRevisions(own, signal)).toEqual({
      kind: "known",
      value: [{ name: "x", revision: 2, status: "pending-upgrade" }],
    });
    expect(await world.admin.recordedApis({ release: "nobody", namespace: own }, signal)).toEqual({ kind: "known", value: [] });
    expect(named(await world.admin.claims(own, signal), "data")).toMatchObject({ className: "fast", size: "5Gi", release: "x" });
  });

  it("tell the owner that every right is there", async () => {
    const rights = await world.admin.rights(own, widest, signal);
    expect(rights.kind === "known" && rights.value.filter(({ allowed }) => !allowed)).toEqual([]);
  });

  it("tell a namespace's user which rights are missing, and name what is denied", async () => {
    const rights = await world.namespaced.rights(own, widest, signal);
    const missing = rights.kind === "known" ? rights.value.filter(({ allowed }) => !allowed) : [];
    expect(missing.filter(({ scope }) => scope === "namespace")).toEqual([]);
    expect(new Set(missing.map(({ resource }) => resource))).toEqual(new Set(["namespaces", "priorityclasses"]));
    const { namespaced } = world;
    const parts = [
      namespaced.nodes(signal),
      namespaced.pods(own, signal),
      namespaced.storageClasses(signal),
      namespaced.storageCapacities(signal),
    ];
    const others = [
      namespaced.provisioners(signal),
      namespaced.volumes(signal),
      namespaced.ingressClasses(signal),
      namespaced.priorityClasses(signal),
    ];
    const uid = (await namespaced.cluster(signal)).uid;
    expect([uid, ...(await Promise.all([...parts, ...others]))].map((reading) => reading.kind === "denied" && reading.resource)).toEqual([
      ...wide,
      ...alsoWide,
    ]);
    expect(await namespaced.quotas(own, signal)).toMatchObject({ kind: "known" });
  });

  it("fit the published schema, part by part", async () => {
    expect(factsSchema.shape.nodes.parse(await world.admin.nodes(signal))).toBeDefined();
    expect(factsSchema.shape.pods.parse(await world.admin.pods(own, signal))).toBeDefined();
    expect(factsSchema.shape.discovery.parse(await world.admin.discovery(signal))).toBeDefined();
    expect(factsSchema.shape.cluster.parse(await world.admin.cluster(signal))).toBeDefined();
  });
}
