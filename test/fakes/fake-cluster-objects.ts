import { createHash } from "node:crypto";
import { Problem } from "../../src/domain/errors/problem.ts";
import type { Clock } from "../../src/ports/clock.ts";
import type {
  ClusterObjects,
  LabelledKind,
  LabelledObject,
  Labels,
  LeaseClaim,
  LeaseState,
  NamespaceSighting,
  NewSecret,
  Versioned,
  WriteResult,
} from "../../src/ports/cluster-objects.ts";

interface StoredNamespace {
  readonly uid: string;
  readonly labels: Labels;
  terminating: boolean;
}

interface StoredObject {
  readonly kind: LabelledKind;
  readonly name: string;
  readonly labels: Labels;
  version: number;
  data: Readonly<Record<string, string>>;
  type?: string;
  size?: string;
  immutable?: boolean;
  /** A Job that gave up. */
  failed?: boolean;
  /** What keeps it after its deletion was asked for. */
  finalizers: readonly string[];
  deleting: boolean;
}

/** The objects of one cluster in memory, with resource versions, conflicts, finalizers and namespaces that end. */
export class FakeClusterObjects implements ClusterObjects {
  readonly namespaces = new Map<string, StoredNamespace>();
  private readonly objects = new Map<string, StoredObject>();
  private readonly leases = new Map<string, { claim: LeaseClaim; renewedAt: Date; version: number }>();
  private counter = 100;
  private readonly clock: Clock;
  uid: string | undefined = "b8f0f2b4-0000-4000-8000-000000000001";
  user = "admin";
  /** True: the user may not look at namespaces. */
  namespacesHidden = false;

  constructor(clock: Clock) {
    this.clock = clock;
  }

  async clusterUid(): Promise<string | undefined> {
    return this.uid;
  }

  async userName(): Promise<string> {
    return this.user;
  }

  async namespace(name: string): Promise<NamespaceSighting> {
    if (this.namespacesHidden) return { kind: "hidden" };
    const found = this.namespaces.get(name);
    if (found === undefined) return { kind: "absent" };
    const podSecurity = found.labels["pod-security.kubernetes.io/enforce"];
    return {
      kind: "present",
      namespace: { uid: found.uid, terminating: found.terminating, ...(podSecurity === undefined ? {} : { podSecurity }) },
    };
  }

  async createNamespace(name: string, labels: Labels): Promise<"created" | "exists"> {
    if (this.namespaces.has(name)) return "exists";
    this.namespaces.set(name, { uid: `namespace-${++this.counter}`, labels, terminating: false });
    return "created";
  }

  async readSecret(namespace: string, name: string): Promise<Readonly<Record<string, string>> | undefined> {
    return this.find(namespace, "Secret", name)?.data;
  }

  async createSecret(namespace: string, secret: NewSecret): Promise<"created" | "exists"> {
    this.demandNamespace(namespace);
    if (this.find(namespace, "Secret", secret.name) !== undefined) return "exists";
    this.store(namespace, "Secret", secret.name, secret.labels, secret.values, secret.type);
    return "created";
  }

  async addSecretKeys(namespace: string, name: string, values: Readonly<Record<string, string>>): Promise<readonly string[]> {
    const stored = this.find(namespace, "Secret", name);
    if (stored === undefined) throw new Problem("CLUSTER_REFUSED", { what: `secrets "${name}" not found` });
    const missing = Object.entries(values).filter(([key]) => stored.data[key] === undefined);
    if (missing.length === 0) return [];
    if (stored.immutable === true)
      throw new Problem("SECRET_TAMPERED", { what: `Secret/${name} is immutable and lacks ${missing.map(([key]) => key).join(", ")}` });
    stored.data = { ...stored.data, ...Object.fromEntries(missing) };
    stored.version = ++this.counter;
    return missing.map(([key]) => key);
  }

  async setSecret(namespace: string, secret: NewSecret): Promise<void> {
    this.demandNamespace(namespace);
    const stored = this.find(namespace, "Secret", secret.name);
    if (stored !== undefined && stored.type !== secret.type)
      throw new Problem("SECRET_TAMPERED", { what: `Secret/${secret.name} has type ${stored.type}, not ${secret.type}` });
    this.store(namespace, "Secret", secret.name, secret.labels, secret.values, secret.type);
  }

  async readDocument(namespace: string, name: string): Promise<Versioned<Readonly<Record<string, string>>> | undefined> {
    const stored = this.find(namespace, "ConfigMap", name);
    return stored === undefined ? undefined : { value: stored.data, version: String(stored.version) };
  }

  async writeDocument(
    namespace: string,
    name: string,
    data: Readonly<Record<string, string>>,
    labels: Labels,
    version: string | undefined,
  ): Promise<WriteResult> {
    if (!this.namespaces.has(namespace)) return { kind: "no-namespace" };
    const stored = this.find(namespace, "ConfigMap", name);
    if (version !== (stored === undefined ? undefined : String(stored.version))) return { kind: "conflict" };
    return { kind: "written", version: String(this.store(namespace, "ConfigMap", name, labels, data).version) };
  }

  async deleteDocument(namespace: string, name: string): Promise<void> {
    this.objects.delete(key(namespace, "ConfigMap", name));
  }

  async readLease(namespace: string, name: string): Promise<{ readonly lease: LeaseState | undefined; readonly now: Date }> {
    const stored = this.leases.get(`${namespace}/${name}`);
    const lease = stored === undefined ? undefined : { ...stored.claim, renewedAt: stored.renewedAt, version: String(stored.version) };
    return { lease, now: this.clock.now() };
  }

  async writeLease(namespace: string, name: string, claim: LeaseClaim, version: string | undefined): Promise<WriteResult> {
    if (!this.namespaces.has(namespace)) return { kind: "no-namespace" };
    const stored = this.leases.get(`${namespace}/${name}`);
    if (version !== (stored === undefined ? undefined : String(stored.version))) return { kind: "conflict" };
    this.leases.set(`${namespace}/${name}`, { claim, renewedAt: this.clock.now(), version: ++this.counter });
    return { kind: "written", version: String(this.counter) };
  }

  async deleteLease(namespace: string, name: string, version: string): Promise<void> {
    if (String(this.leases.get(`${namespace}/${name}`)?.version) === version) this.leases.delete(`${namespace}/${name}`);
  }

  async listLabelled(namespace: string, kind: LabelledKind, labels: Labels): Promise<readonly LabelledObject[]> {
    return [...this.objects.entries()]
      .filter(
        ([path, stored]) =>
          path.startsWith(`${namespace}/${kind}/`) && Object.entries(labels).every(([name, value]) => stored.labels[name] === value),
      )
      .map(([, { name, size, failed, finalizers }]) => ({
        kind,
        name,
        finalizers,
        ...(size === undefined ? {} : { size }),
        ...(failed === true ? { failed } : {}),
      }))
      .sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  async deleteObject(namespace: string, kind: LabelledKind, name: string): Promise<void> {
    const stored = this.find(namespace, kind, name);
    if (stored === undefined) return;
    if (stored.finalizers.length === 0) this.objects.delete(key(namespace, kind, name));
    else stored.deleting = true;
  }

  /** Puts an object there that something else made (a pod, a claim). */
  place(namespace: string, kind: LabelledKind, name: string, labels: Labels, more: Partial<StoredObject> = {}): void {
    Object.assign(this.store(namespace, kind, name, labels, more.data ?? {}, more.type), more);
  }

  /** What a controller does when it is done with an object: the last finalizer goes, and so does what is being deleted. */
  finalize(namespace: string, kind: LabelledKind, name: string): void {
    const stored = this.find(namespace, kind, name);
    if (stored === undefined) return;
    stored.finalizers = [];
    if (stored.deleting) this.objects.delete(key(namespace, kind, name));
  }

  /** Names and contents of everything, hashed where secret: two equal snapshots are two equal clusters. */
  snapshot(): Readonly<Record<string, string>> {
    return Object.fromEntries(
      [...this.objects.entries()]
        .map(([path, { data }]) => [path, createHash("sha256").update(JSON.stringify(data)).digest("hex")] as const)
        .sort(),
    );
  }

  /** Data of a ConfigMap; empty when there is none. */
  document(namespace: string, name: string): Readonly<Record<string, string>> {
    return this.find(namespace, "ConfigMap", name)?.data ?? {};
  }

  /** Every text that the cluster holds outside Secrets. */
  openText(): string {
    return [...this.objects.values()]
      .filter(({ kind }) => kind !== "Secret")
      .map(({ data }) => JSON.stringify(data))
      .join("\n");
  }

  private find(namespace: string, kind: LabelledKind, name: string): StoredObject | undefined {
    return this.objects.get(key(namespace, kind, name));
  }

  private store(
    namespace: string,
    kind: LabelledKind,
    name: string,
    labels: Labels,
    data: Readonly<Record<string, string>>,
    type?: string,
  ): StoredObject {
    const stored: StoredObject = {
      kind,
      name,
      labels,
      data,
      version: ++this.counter,
      finalizers: [],
      deleting: false,
      ...(type === undefined ? {} : { type }),
    };
    this.objects.set(key(namespace, kind, name), stored);
    return stored;
  }

  private demandNamespace(namespace: string): void {
    if (!this.namespaces.has(namespace)) throw new Problem("CLUSTER_REFUSED", { what: `namespaces "${namespace}" not found` });
  }
}

function key(namespace: string, kind: LabelledKind, name: string): string {
  return `${namespace}/${kind}/${name}`;
}
