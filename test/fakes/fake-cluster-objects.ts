import { createHash } from "node:crypto";
import { Problem } from "../../src/domain/errors/problem.ts";
import type { ObjectReference } from "../../src/domain/manifest/release-objects.ts";
import type { Clock } from "../../src/ports/clock.ts";
import type {
  ClusterObjects,
  LabelledKind,
  LabelledObject,
  Labels,
  LeaseClaim,
  LeaseState,
  NamedObject,
  NamespaceSighting,
  NewSecret,
  Versioned,
  WriteResult,
} from "../../src/ports/cluster-objects.ts";
import { ClusterStore, type StoredObject } from "./cluster-store.ts";
import { Stalls } from "./stalls.ts";

type Values = Readonly<Record<string, string>>;

/** Keys without which the API server takes no Secret of a type. */
const neededKeys: Readonly<Record<NewSecret["type"], readonly string[]>> = {
  Opaque: [],
  "kubernetes.io/tls": ["tls.crt", "tls.key"],
  "kubernetes.io/dockerconfigjson": [".dockerconfigjson"],
};

/** What the cluster serves, as far as installations have to do with it. */
const served: Readonly<Record<string, readonly string[]>> = {
  v1: ["ConfigMap", "Namespace", "PersistentVolumeClaim", "Pod", "Secret", "Service", "ServiceAccount"],
  "apps/v1": ["Deployment", "StatefulSet"],
  "batch/v1": ["CronJob", "Job"],
};

/**
 * The objects of one cluster in memory, with resource versions, conflicts, finalizers and namespaces that end. Like the real thing it does
 * nothing for a caller who has given up, and can be made to stall.
 */
export class FakeClusterObjects implements ClusterObjects {
  private readonly store = new ClusterStore();
  private readonly leases = new Map<string, { claim: LeaseClaim; renewedAt: Date; version: number }>();
  private readonly clock: Clock;
  private readonly stalls = new Stalls<keyof ClusterObjects>();
  uid: string | undefined = "b8f0f2b4-0000-4000-8000-000000000001";
  user = "admin";
  /** True: the user may not look at namespaces. */
  namespacesHidden = false;

  constructor(clock: Clock) {
    this.clock = clock;
  }

  get namespaces(): ClusterStore["namespaces"] {
    return this.store.namespaces;
  }

  async clusterUid(_namespace?: string, signal?: AbortSignal): Promise<string | undefined> {
    await this.stalls.turn("clusterUid", signal);
    return this.uid;
  }

  async userName(signal?: AbortSignal): Promise<string> {
    await this.stalls.turn("userName", signal);
    return this.user;
  }

  async namespace(name: string, signal?: AbortSignal): Promise<NamespaceSighting> {
    await this.stalls.turn("namespace", signal);
    if (this.namespacesHidden) return { kind: "hidden" };
    const found = this.namespaces.get(name);
    if (found === undefined) return { kind: "absent" };
    const podSecurity = found.labels["pod-security.kubernetes.io/enforce"];
    const { uid, terminating } = found;
    return { kind: "present", namespace: { uid, terminating, ...(podSecurity === undefined ? {} : { podSecurity }) } };
  }

  async createNamespace(name: string, labels: Labels, signal?: AbortSignal): Promise<"created" | "exists"> {
    await this.stalls.turn("createNamespace", signal);
    if (this.namespaces.has(name)) return "exists";
    this.namespaces.set(name, { uid: `namespace-${this.store.next()}`, labels, terminating: false });
    return "created";
  }

  async readSecret(namespace: string, name: string, signal?: AbortSignal): Promise<Values | undefined> {
    await this.stalls.turn("readSecret", signal);
    return this.store.find(namespace, "Secret", name)?.data;
  }

  async createSecret(namespace: string, secret: NewSecret, signal?: AbortSignal): Promise<"created" | "exists"> {
    await this.stalls.turn("createSecret", signal);
    this.store.demandNamespace(namespace);
    const existing = this.store.find(namespace, "Secret", secret.name);
    if (existing === undefined) {
      this.keep(namespace, secret);
      return "created";
    }
    demandOwn(existing, secret.labels["app.kubernetes.io/instance"]);
    return "exists";
  }

  async addSecretKeys(namespace: string, name: string, values: Values, signal?: AbortSignal): Promise<readonly string[]> {
    await this.stalls.turn("addSecretKeys", signal);
    const stored = this.store.find(namespace, "Secret", name);
    if (stored === undefined) throw new Problem("CLUSTER_REFUSED", { what: `secrets "${name}" not found` });
    const missing = Object.entries(values).filter(([key]) => stored.data[key] === undefined);
    if (missing.length === 0) return [];
    demandOwn(stored, undefined);
    if (stored.immutable === true)
      throw new Problem("SECRET_TAMPERED", { what: `Secret/${name} is immutable and lacks ${missing.map(([key]) => key).join(", ")}` });
    stored.data = { ...stored.data, ...Object.fromEntries(missing) };
    stored.version = this.store.next();
    return missing.map(([key]) => key);
  }

  async setSecret(namespace: string, secret: NewSecret, signal?: AbortSignal): Promise<void> {
    await this.stalls.turn("setSecret", signal);
    const stored = this.store.find(namespace, "Secret", secret.name);
    if (stored === undefined) this.store.demandNamespace(namespace);
    else demandOwn(stored, secret.labels["app.kubernetes.io/instance"]);
    if (stored !== undefined && stored.type !== secret.type)
      throw new Problem("SECRET_TAMPERED", { what: `Secret/${secret.name} has type ${stored.type}, not ${secret.type}` });
    if (stored?.immutable === true) throw new Problem("SECRET_TAMPERED", { what: `Secret/${secret.name} is immutable` });
    this.keep(namespace, secret);
  }

  async readDocument(namespace: string, name: string, signal?: AbortSignal): Promise<Versioned<Values> | undefined> {
    await this.stalls.turn("readDocument", signal);
    const stored = this.store.find(namespace, "ConfigMap", name);
    return stored === undefined ? undefined : { value: stored.data, version: String(stored.version) };
  }

  async writeDocument(
    namespace: string,
    name: string,
    data: Values,
    labels: Labels,
    version: string | undefined,
    signal?: AbortSignal,
  ): Promise<WriteResult> {
    await this.stalls.turn("writeDocument", signal);
    if (!this.namespaces.has(namespace)) return { kind: "no-namespace" };
    const stored = this.store.find(namespace, "ConfigMap", name);
    if (stored === undefined && version === undefined) this.store.demandLasting(namespace);
    if (version !== (stored === undefined ? undefined : String(stored.version))) return { kind: "conflict" };
    return { kind: "written", version: String(this.store.put(namespace, { kind: "ConfigMap", name, labels, data }).version) };
  }

  async deleteDocument(namespace: string, name: string, signal?: AbortSignal): Promise<void> {
    await this.stalls.turn("deleteDocument", signal);
    this.store.remove(namespace, "ConfigMap", name);
  }

  async readLease(
    namespace: string,
    name: string,
    signal?: AbortSignal,
  ): Promise<{ readonly lease: LeaseState | undefined; readonly now: Date }> {
    await this.stalls.turn("readLease", signal);
    const stored = this.leases.get(`${namespace}/${name}`);
    const lease = stored === undefined ? undefined : { ...stored.claim, renewedAt: stored.renewedAt, version: String(stored.version) };
    return { lease, now: this.clock.now() };
  }

  async writeLease(
    namespace: string,
    name: string,
    claim: LeaseClaim,
    version: string | undefined,
    signal?: AbortSignal,
  ): Promise<WriteResult> {
    await this.stalls.turn("writeLease", signal);
    if (!this.namespaces.has(namespace)) return { kind: "no-namespace" };
    const stored = this.leases.get(`${namespace}/${name}`);
    if (stored === undefined && version === undefined) this.store.demandLasting(namespace);
    if (version !== (stored === undefined ? undefined : String(stored.version))) return { kind: "conflict" };
    const written = this.store.next();
    this.leases.set(`${namespace}/${name}`, { claim, renewedAt: this.clock.now(), version: written });
    return { kind: "written", version: String(written) };
  }

  async deleteLease(namespace: string, name: string, version: string, signal?: AbortSignal): Promise<void> {
    await this.stalls.turn("deleteLease", signal);
    if (String(this.leases.get(`${namespace}/${name}`)?.version) === version) this.leases.delete(`${namespace}/${name}`);
  }

  async listLabelled(namespace: string, kind: LabelledKind, labels: Labels, signal?: AbortSignal): Promise<readonly LabelledObject[]> {
    await this.stalls.turn("listLabelled", signal);
    return this.store.list(namespace, kind, labels);
  }

  async deleteObject(namespace: string, kind: LabelledKind, name: string, signal?: AbortSignal): Promise<void> {
    await this.stalls.turn("deleteObject", signal);
    this.store.remove(namespace, kind, name);
  }

  async deleteExactly(
    namespace: string,
    kind: LabelledKind,
    { name, uid }: NamedObject,
    signal?: AbortSignal,
  ): Promise<"deleted" | "gone"> {
    await this.stalls.turn("deleteExactly", signal);
    if (this.store.find(namespace, kind, name)?.uid !== uid) return "gone";
    this.store.remove(namespace, kind, name);
    return "deleted";
  }

  async absentObjects(objects: readonly ObjectReference[], signal?: AbortSignal): Promise<readonly ObjectReference[]> {
    await this.stalls.turn("absentObjects", signal);
    return objects.filter(({ apiVersion, kind, name, namespace }) => {
      if (served[apiVersion]?.includes(kind) !== true) return true;
      return kind === "Namespace" ? !this.namespaces.has(name) : this.store.find(namespace, kind, name) === undefined;
    });
  }

  /** From now on calls of these methods hang: until {@link resume}, or until the caller gives up. */
  stall(...methods: readonly (keyof ClusterObjects)[]): void {
    this.stalls.stall(methods);
  }

  /** Ends every stall: what hung is done now. */
  resume(): void {
    this.stalls.resume();
  }

  /** Empty where there is no such object. */
  uidOf(namespace: string, kind: LabelledKind, name: string): string {
    return this.store.find(namespace, kind, name)?.uid ?? "";
  }

  /** Puts an object there that something else made (a pod, a claim). */
  place(namespace: string, kind: LabelledKind, name: string, labels: Labels, more: Partial<StoredObject> = {}): void {
    this.store.put(namespace, { data: {}, ...more, kind, name, labels });
  }

  /** What Helm does with a chart's objects: those that are not there are made. */
  applied(namespace: string, objects: readonly Pick<StoredObject, "kind" | "name">[]): void {
    for (const { kind, name } of objects)
      if (this.store.find(namespace, kind, name) === undefined) this.store.put(namespace, { kind, name, labels: {}, data: {} });
  }

  /** What somebody does by hand: an object of any kind is gone. */
  lose(namespace: string, kind: string, name: string): void {
    this.store.remove(namespace, kind, name);
  }

  /** What a controller does when it is done with an object: the last finalizer goes, and so does what is being deleted. */
  finalize(namespace: string, kind: LabelledKind, name: string): void {
    const stored = this.store.find(namespace, kind, name);
    if (stored === undefined) return;
    stored.finalizers = [];
    if (stored.deleting) this.store.remove(namespace, kind, name);
  }

  /** Names and contents of everything, hashed where secret: two equal snapshots are two equal clusters. */
  snapshot(): Readonly<Record<string, string>> {
    return Object.fromEntries(
      [...this.store.objects.entries()]
        .map(([path, { data }]) => [path, createHash("sha256").update(JSON.stringify(data)).digest("hex")] as const)
        .sort(),
    );
  }

  /** Data of a ConfigMap; empty when there is none. */
  document(namespace: string, name: string): Values {
    return this.store.find(namespace, "ConfigMap", name)?.data ?? {};
  }

  /** Every text that the cluster holds outside Secrets. */
  openText(): string {
    return [...this.store.objects.values()]
      .filter(({ kind }) => kind !== "Secret")
      .map(({ data }) => JSON.stringify(data))
      .join("\n");
  }

  private keep(namespace: string, { name, labels, values, type }: NewSecret): void {
    const lacking = neededKeys[type].filter((key) => values[key] === undefined);
    if (lacking.length > 0)
      throw new Problem("CLUSTER_REFUSED", { what: `Secret "${name}" is invalid: data[${lacking.join()}]: Required` });
    this.store.put(namespace, { kind: "Secret", name, labels, data: values, type });
  }
}

/** What bears other labels than the release's own Secrets belongs to somebody else; `release` is not known where only keys are added. */
function demandOwn({ name, labels }: StoredObject, release: string | undefined): void {
  const maker = labels["app.kubernetes.io/managed-by"];
  const ours = (maker === "migratectl" || maker === "Helm") && (release === undefined || labels["app.kubernetes.io/instance"] === release);
  if (!ours) throw new Problem("SECRET_TAMPERED", { what: `Secret/${name} does not belong to this release` });
}
