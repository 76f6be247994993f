import { installRights } from "../../src/adapters/kubernetes/install-rights.ts";
import { podRequests } from "../../src/domain/capacity/pod-requests.ts";
import { podSpecSchema } from "../../src/domain/capacity/pod-spec.ts";
import { addResources, formatResources, type Resources } from "../../src/domain/capacity/resources.ts";
import type { Facts } from "../../src/domain/facts/facts.ts";
import { known, type Reading } from "../../src/domain/reading.ts";
import type { ClusterFacts } from "../../src/ports/cluster-facts.ts";

/** An object as it would be sent to an API server. */
export interface ClusterObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string;
    readonly labels?: Readonly<Record<string, string>>;
    readonly annotations?: Readonly<Record<string, string>>;
  };
  readonly spec?: ObjectSpec;
  readonly status?: ObjectStatus;
  readonly type?: string;
  readonly provisioner?: string;
  readonly allowVolumeExpansion?: boolean;
  readonly reclaimPolicy?: string;
  readonly volumeBindingMode?: string;
  readonly value?: number;
  readonly rules?: readonly object[];
  readonly roleRef?: object;
  readonly subjects?: readonly object[];
}

type Amounts = Record<string, string>;

/** Fields of the specs that tests write, of any kind of object. */
interface ObjectSpec {
  readonly unschedulable?: boolean;
  readonly taints?: readonly { readonly key: string; readonly value?: string; readonly effect: string }[];
  readonly containers?: readonly object[];
  readonly initContainers?: readonly object[];
  readonly nodeName?: string;
  readonly hard?: Amounts;
  readonly scopes?: readonly string[];
  readonly limits?: readonly {
    readonly type: string;
    readonly min?: Amounts;
    readonly max?: Amounts;
    readonly default?: Amounts;
    readonly defaultRequest?: Amounts;
  }[];
  readonly accessModes?: readonly string[];
  readonly storageClassName?: string;
  readonly resources?: { readonly requests: { readonly storage: string } };
  readonly controller?: string;
}

/** Fields of the status that tests write. */
interface ObjectStatus {
  readonly phase?: string;
  readonly allocatable?: Amounts;
  readonly conditions?: readonly { readonly type: string; readonly status: string }[];
  readonly nodeInfo?: {
    readonly architecture: string;
    readonly operatingSystem: string;
    readonly containerRuntimeVersion: string;
    readonly kubeletVersion: string;
  };
}

/** What a user may not do, by resource, as the readings name it. */
export interface FakeUser {
  readonly name: string;
  /** Resources that are refused; `pods` stands for all namespaces at once. */
  readonly denied: ReadonlySet<string>;
  /** Namespaces in which everything is allowed; undefined: in all. */
  readonly namespaces?: readonly string[];
}

/** A cluster in memory: objects are added and removed, and the facts follow. */
export class FakeCluster {
  private readonly objects = new Map<string, ClusterObject>();

  /** Adds or replaces an object. */
  apply(object: ClusterObject): void {
    this.objects.set(keyOf(object), object);
  }

  /** Removes an object. */
  remove(object: ClusterObject): void {
    this.objects.delete(keyOf(object));
  }

  /** The cluster as one user sees it. */
  as(user: FakeUser): ClusterFacts {
    const read = <T>(verb: string, resource: string, what: () => T): Promise<Reading<T>> =>
      Promise.resolve(
        user.denied.has(resource)
          ? { kind: "denied", verb, resource, message: `User "${user.name}" cannot ${verb} ${resource}` }
          : known(what()),
      );
    return {
      cluster: async () => ({
        context: "fake",
        server: "https://fake",
        version: "v1.34.4",
        clockAhead: known(0),
        uid: await read("get", "namespaces/kube-system", () => "uid-of-fake"),
        user: known(user.name),
      }),
      discovery: async () =>
        known({
          served: [
            { groupVersion: "apps/v1", kinds: ["Deployment"] },
            { groupVersion: "v1", kinds: ["Pod"] },
          ],
          broken: [],
        }),
      nodes: () => read("list", "nodes", () => this.of("Node").map(nodeFact)),
      pods: (namespace) => read("list", "pods in all namespaces", () => this.podUse(namespace)),
      storageClasses: () => read("list", "storageclasses.storage.k8s.io", () => this.of("StorageClass").map(classFact)),
      storageCapacities: () => read("list", "csistoragecapacities.storage.k8s.io in all namespaces", () => []),
      provisioners: () =>
        read("list", "csidrivers.storage.k8s.io, leases.coordination.k8s.io in all namespaces", () => ({
          drivers: this.of("CSIDriver").map(({ metadata }) => metadata.name),
          alive: [],
        })),
      volumes: () => read("list", "persistentvolumes", () => []),
      ingressClasses: () => read("list", "ingressclasses.networking.k8s.io", () => this.of("IngressClass").map(ingressFact)),
      priorityClasses: () =>
        read("list", "priorityclasses.scheduling.k8s.io", () => this.of("PriorityClass").map(({ metadata }) => metadata.name)),
      namespace: async (name) => {
        const found = this.of("Namespace").find(({ metadata }) => metadata.name === name);
        return known(
          found === undefined
            ? { exists: false, labels: {}, terminating: false, heldBy: [] }
            : { exists: true, labels: { "kubernetes.io/metadata.name": name, ...found.metadata.labels }, terminating: false, heldBy: [] },
        );
      },
      quotas: async (namespace) =>
        known(
          this.of("ResourceQuota", namespace).map((object) => ({
            name: object.metadata.name,
            hard: object.spec?.hard ?? {},
            used: {},
            scopes: [...(object.spec?.scopes ?? [])],
          })),
        ),
      limits: async (namespace) =>
        known(
          this.of("LimitRange", namespace).flatMap((object) =>
            (object.spec?.limits ?? []).map((limit) => ({
              range: object.metadata.name,
              min: {},
              max: {},
              default: {},
              defaultRequest: {},
              ...limit,
            })),
          ),
        ),
      // No object that a test applies holds a record.
      recordedApis: async () => known([]),
      helmRevisions: async (namespace) =>
        known(
          this.of("Secret", namespace)
            .map(({ metadata }) => metadata.labels ?? {})
            .filter((labels) => labels["owner"] === "helm")
            .map((labels) => ({ name: labels["name"] ?? "", revision: Number(labels["version"]), status: labels["status"] ?? "" })),
        ),
      claims: async (namespace) =>
        known(
          this.of("PersistentVolumeClaim", namespace).map((object) => ({
            name: object.metadata.name,
            phase: "Pending",
            ...(object.spec?.storageClassName === undefined ? {} : { className: object.spec.storageClassName }),
            size: object.spec?.resources?.requests.storage ?? "",
            release: object.metadata.annotations?.["meta.helm.sh/release-name"] ?? "",
          })),
        ),
      rights: async (namespace, mode) =>
        known(
          installRights(mode).map((right) => ({
            ...right,
            allowed: user.namespaces === undefined || (right.scope === "namespace" && user.namespaces.includes(namespace)),
          })),
        ),
    };
  }

  private of(kind: string, namespace?: string): readonly ClusterObject[] {
    return [...this.objects.values()]
      .filter((object) => object.kind === kind && (namespace === undefined || object.metadata.namespace === namespace))
      .sort((a, b) => (a.metadata.name < b.metadata.name ? -1 : 1));
  }

  private podUse(namespace: string) {
    const nodes: Record<string, { requests: Resources; pods: number }> = {};
    const waiting: { requests: Resources; pods: number } = { requests: {}, pods: 0 };
    const own: { name: string; node: string; labels: Record<string, string>; requests: Record<string, string> }[] = [];
    const images = new Set<string>();
    for (const object of this.of("Pod")) {
      if (["Succeeded", "Failed"].includes(object.status?.phase ?? "")) continue;
      const spec = podSpecSchema.parse(object.spec);
      const requests = podRequests(spec);
      const holder = spec.nodeName === undefined ? waiting : (nodes[spec.nodeName] ??= { requests: {}, pods: 0 });
      holder.requests = addResources(holder.requests, requests);
      holder.pods += 1;
      for (const { image } of spec.containers) images.add(image.replace(/:[^:/]*$/, ""));
      if (object.metadata.namespace === namespace)
        own.push({
          name: object.metadata.name,
          node: spec.nodeName ?? "",
          labels: { ...object.metadata.labels },
          requests: formatResources(requests),
        });
    }
    const formatted = (held: typeof waiting) => ({ requests: formatResources(held.requests), pods: held.pods });
    return {
      nodes: Object.fromEntries(Object.entries(nodes).map(([name, held]) => [name, formatted(held)])),
      waiting: formatted(waiting),
      namespace: own,
      images: [...images].sort(),
    };
  }
}

function keyOf({ kind, metadata }: ClusterObject): string {
  return `${kind}/${metadata.namespace ?? ""}/${metadata.name}`;
}

type NodeFact = Extract<Facts["nodes"], { kind: "known" }>["value"][number];
type ClassFact = Extract<Facts["storageClasses"], { kind: "known" }>["value"][number];

function nodeFact({ metadata, spec = {}, status = {} }: ClusterObject): NodeFact {
  return {
    name: metadata.name,
    labels: { ...metadata.labels },
    taints: (spec.taints ?? []).map((taint) => ({ value: "", ...taint })),
    unschedulable: spec.unschedulable === true,
    conditions: Object.fromEntries((status.conditions ?? []).map((one) => [one.type, one.status])),
    allocatable: status.allocatable ?? {},
    architecture: status.nodeInfo?.architecture ?? metadata.labels?.["kubernetes.io/arch"] ?? "",
    os: status.nodeInfo?.operatingSystem ?? metadata.labels?.["kubernetes.io/os"] ?? "",
    runtime: status.nodeInfo?.containerRuntimeVersion ?? "",
    kubelet: status.nodeInfo?.kubeletVersion ?? "",
  };
}

function classFact({
  metadata,
  provisioner = "",
  allowVolumeExpansion,
  reclaimPolicy = "Delete",
  volumeBindingMode = "Immediate",
}: ClusterObject): ClassFact {
  return {
    name: metadata.name,
    provisioner,
    isDefault: metadata.annotations?.["storageclass.kubernetes.io/is-default-class"] === "true",
    createdAt: "2026-01-01T00:00:00Z",
    expandable: allowVolumeExpansion === true,
    reclaimPolicy,
    bindingMode: volumeBindingMode,
    topologies: [],
  };
}

function ingressFact({ metadata, spec }: ClusterObject) {
  return {
    name: metadata.name,
    controller: spec?.controller ?? "",
    isDefault: metadata.annotations?.["ingressclass.kubernetes.io/is-default-class"] === "true",
  };
}
