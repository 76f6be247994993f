import { Problem } from "../../src/domain/errors/problem.ts";
import type { LabelledKind, LabelledObject, Labels } from "../../src/ports/cluster-objects.ts";

interface StoredNamespace {
  readonly uid: string;
  readonly labels: Labels;
  terminating: boolean;
}

/** An object as the cluster keeps it. */
export interface StoredObject {
  readonly kind: string;
  readonly name: string;
  readonly uid: string;
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

/** Namespaces and the objects in them, with resource versions, finalizers and namespaces that end. */
export class ClusterStore {
  readonly namespaces = new Map<string, StoredNamespace>();
  readonly objects = new Map<string, StoredObject>();
  private counter = 100;

  /** A number that no version had before. */
  next(): number {
    this.counter += 1;
    return this.counter;
  }

  find(namespace: string, kind: string, name: string): StoredObject | undefined {
    return this.objects.get(key(namespace, kind, name));
  }

  put(namespace: string, object: Pick<StoredObject, "kind" | "name" | "labels" | "data"> & Partial<StoredObject>): StoredObject {
    const stored: StoredObject = {
      uid: this.find(namespace, object.kind, object.name)?.uid ?? `uid-${this.next()}`,
      ...{ finalizers: [], deleting: false },
      ...object,
      version: this.next(),
    };
    this.objects.set(key(namespace, object.kind, object.name), stored);
    return stored;
  }

  /** Asks for the end of an object: it goes at once, or stays until its last finalizer is gone. */
  remove(namespace: string, kind: string, name: string): void {
    const stored = this.find(namespace, kind, name);
    if (stored === undefined) return;
    if (stored.finalizers.length === 0) this.objects.delete(key(namespace, kind, name));
    else stored.deleting = true;
  }

  list(namespace: string, kind: LabelledKind, labels: Labels): readonly LabelledObject[] {
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

  /** Nothing can be made in a namespace that is not there or is ending. @throws Problem CLUSTER_REFUSED, INSTALL_NAMESPACE_TERMINATING */
  demandNamespace(name: string): void {
    if (!this.namespaces.has(name)) throw new Problem("CLUSTER_REFUSED", { what: `namespaces "${name}" not found` });
    this.demandLasting(name);
  }

  /** @throws Problem INSTALL_NAMESPACE_TERMINATING when the namespace is ending */
  demandLasting(name: string): void {
    if (this.namespaces.get(name)?.terminating !== true) return;
    throw new Problem("INSTALL_NAMESPACE_TERMINATING", {
      what: `unable to create new content in namespace ${name} because it is being terminated`,
    });
  }
}

function key(namespace: string, kind: string, name: string): string {
  return `${namespace}/${kind}/${name}`;
}
