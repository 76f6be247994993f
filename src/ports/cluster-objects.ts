import type { ObjectReference } from "../domain/manifest/release-objects.ts";

/** A value and the version the cluster gave it; a write names the version it replaces. */
export interface Versioned<T> {
  readonly value: T;
  readonly version: string;
}

/** How a compare-and-swap write ended; `conflict`: somebody else wrote first; `no-namespace`: there is nowhere to write yet. */
export type WriteResult =
  | { readonly kind: "written"; readonly version: string }
  | { readonly kind: "conflict" }
  | { readonly kind: "no-namespace" };

/** A namespace as far as it concerns an installation. */
interface NamespaceState {
  readonly uid: string;
  readonly terminating: boolean;
  /** `pod-security.kubernetes.io/enforce`, when set. */
  readonly podSecurity?: string;
}

/** Whether looking for a namespace showed one; `hidden`: the user may not look, which is common in other people's clusters. */
export type NamespaceSighting =
  | { readonly kind: "present"; readonly namespace: NamespaceState }
  | { readonly kind: "absent" }
  | { readonly kind: "hidden" };

/** Labels of an object. */
export type Labels = Readonly<Record<string, string>>;

/** Who holds the Lease: enough to tell a person, and to recognise a dead run of this machine. */
export interface LeaseHolder {
  readonly user: string;
  readonly host: string;
  readonly pid: number;
  /** Id of the run. */
  readonly run: string;
  /** Names one boot and one process table of the machine; empty where that cannot be told. */
  readonly machine: string;
  /** Start of the process in the kernel's ticks, so that a reused pid is not taken for it; empty where unknown. */
  readonly processStart: string;
}

/** The Lease as the cluster holds it; times are the API server's where it tells them. */
export interface LeaseState {
  readonly holder: LeaseHolder;
  readonly acquiredAt: Date;
  readonly renewedAt: Date;
  readonly durationSeconds: number;
  readonly version: string;
}

/** What to write into the Lease. */
export interface LeaseClaim {
  readonly holder: LeaseHolder;
  readonly acquiredAt: Date;
  readonly durationSeconds: number;
}

/** Kinds that are deleted by label. */
export type LabelledKind = "Pod" | "PersistentVolumeClaim" | "Secret" | "ConfigMap" | "Job";

/** One object and no other of its name. */
export interface NamedObject {
  readonly name: string;
  readonly uid: string;
}

/** An object found by its labels. */
export interface LabelledObject {
  readonly kind: LabelledKind;
  readonly name: string;
  /** Capacity of a claim, `200Gi`. */
  readonly size?: string;
  /** True for a Job that gave up. */
  readonly failed?: true;
  /** What still holds an object that is being deleted. */
  readonly finalizers: readonly string[];
}

/**
 * The objects that migratectl itself owns in a cluster: namespace, Secrets, documents (ConfigMaps), Lease.
 * Every method may throw Problem CLUSTER_UNREACHABLE, CLUSTER_UNAUTHORIZED, CLUSTER_FORBIDDEN or CLUSTER_REFUSED.
 */
export interface ClusterObjects {
  /** UID of kube-system; where it may not be read, `ca:` and the hash of the cluster's CA as the namespace shows it; undefined when neither can be had. */
  clusterUid(namespace: string, signal: AbortSignal): Promise<string | undefined>;
  /** The user name that the cluster knows the caller by; empty on clusters that do not tell (before 1.28). */
  userName(signal: AbortSignal): Promise<string>;

  namespace(name: string, signal: AbortSignal): Promise<NamespaceSighting>;
  /** Creates the namespace; `exists` when somebody was faster. */
  createNamespace(name: string, labels: Labels, signal: AbortSignal): Promise<"created" | "exists">;

  /** Values of a Secret by key, as UTF-8; undefined when there is none. */
  readSecret(namespace: string, name: string, signal: AbortSignal): Promise<Readonly<Record<string, string>> | undefined>;
  /** Creates a Secret; `exists` when the release has it already, which is left as it is. @throws Problem SECRET_TAMPERED when it is somebody else's */
  createSecret(namespace: string, secret: NewSecret, signal: AbortSignal): Promise<"created" | "exists">;
  /** Adds the keys that the Secret lacks and gives their names; present keys are never changed. @throws Problem SECRET_TAMPERED when it is immutable or somebody else's */
  addSecretKeys(namespace: string, name: string, values: Readonly<Record<string, string>>, signal: AbortSignal): Promise<readonly string[]>;
  /**
   * Sets all values of a Secret that holds what a person gave (certificate, pull credentials). Creates it when missing.
   * @throws Problem SECRET_TAMPERED when it is immutable, of another type, or somebody else's
   */
  setSecret(namespace: string, secret: NewSecret, signal: AbortSignal): Promise<void>;

  /** A ConfigMap's data by key. */
  readDocument(namespace: string, name: string, signal: AbortSignal): Promise<Versioned<Readonly<Record<string, string>>> | undefined>;
  /** Replaces the whole data if the version is still the one given (undefined: if there is none yet). */
  writeDocument(
    namespace: string,
    name: string,
    data: Readonly<Record<string, string>>,
    labels: Labels,
    version: string | undefined,
    signal: AbortSignal,
  ): Promise<WriteResult>;
  /** Deletes a ConfigMap; absent is fine. */
  deleteDocument(namespace: string, name: string, signal: AbortSignal): Promise<void>;

  /** The Lease, if any, and the API server's time. */
  readLease(namespace: string, name: string, signal: AbortSignal): Promise<{ readonly lease: LeaseState | undefined; readonly now: Date }>;
  /** Takes or renews the Lease if its version is still the one given (undefined: if there is none). */
  writeLease(namespace: string, name: string, claim: LeaseClaim, version: string | undefined, signal: AbortSignal): Promise<WriteResult>;
  /** Deletes the Lease if it still has that version; anything else is left alone. */
  deleteLease(namespace: string, name: string, version: string, signal: AbortSignal): Promise<void>;

  /** Objects of one kind that carry all the labels. */
  listLabelled(namespace: string, kind: LabelledKind, labels: Labels, signal: AbortSignal): Promise<readonly LabelledObject[]>;
  /** Asks for the deletion of one object, absent is fine; it is gone when listLabelled no longer shows it. */
  deleteObject(namespace: string, kind: LabelledKind, name: string, signal: AbortSignal): Promise<void>;

  /** Asks for the deletion of the very object; `gone`: it is not there any more, whatever has its name now. */
  deleteExactly(namespace: string, kind: LabelledKind, object: NamedObject, signal: AbortSignal): Promise<"deleted" | "gone">;

  /**
   * Those of the objects that are not there, in their order; among them are all whose API the cluster does not serve. What may not be looked
   * at counts as there, and so does what is being deleted.
   */
  absentObjects(objects: readonly ObjectReference[], signal: AbortSignal): Promise<readonly ObjectReference[]>;
}

/** A Secret to be made. */
export interface NewSecret {
  readonly name: string;
  readonly type: "Opaque" | "kubernetes.io/tls" | "kubernetes.io/dockerconfigjson";
  readonly labels: Labels;
  readonly values: Readonly<Record<string, string>>;
}
