/** An object that carries the labels of the release, or of migratectl. */
export interface Belonging {
  readonly kind: "Pod" | "Job" | "ConfigMap" | "PersistentVolumeClaim";
  readonly name: string;
  /** Tells this object from another one that was made under its name since. */
  readonly uid: string;
  readonly createdAt: Date;
  /** Label app.kubernetes.io/managed-by; empty without one. */
  readonly managedBy: string;
  /** True when another object owns it, and the cluster removes it with that. */
  readonly owned: boolean;
  /** When the cluster ends it by itself; absent of what has no end of its own. */
  readonly endsBy?: Date;
  /** True for a Pod or Job that has come to its end. */
  readonly ended: boolean;
}
