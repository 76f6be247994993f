import { z } from "zod";

/** A StorageClass. */
export const storageClassSchema = z.object({
  name: z.string(),
  provisioner: z.string(),
  /** Carries the annotation that makes it the default. */
  isDefault: z.boolean(),
  /** RFC 3339; with several defaults the newest one wins. */
  createdAt: z.string(),
  expandable: z.boolean(),
  reclaimPolicy: z.string(),
  bindingMode: z.string(),
  /** Topology keys and values the class is limited to; empty: anywhere. */
  topologies: z.array(z.record(z.string(), z.array(z.string()))),
});

/** A StorageClass. */
export type StorageClassFact = Readonly<z.infer<typeof storageClassSchema>>;

/** A PersistentVolume, without its source. */
export const volumeSchema = z.object({
  name: z.string(),
  className: z.string(),
  capacity: z.string(),
  /** Available, Bound, Released, Failed */
  phase: z.string(),
  /** Provisioner that made it; empty for a volume made by hand. */
  provisionedBy: z.string(),
});

/** A claim in the release's namespace. */
export const claimSchema = z.object({
  name: z.string(),
  phase: z.string(),
  className: z.string().optional(),
  /** What it asks for. */
  size: z.string(),
  /** Helm release that owns it; empty when none does. */
  release: z.string(),
});

/** A claim. */
export type ClaimFact = Readonly<z.infer<typeof claimSchema>>;

/** What a CSI driver says is left for a class (CSIStorageCapacity). */
export const storageCapacitySchema = z.object({
  className: z.string(),
  capacity: z.string().optional(),
  maximumVolumeSize: z.string().optional(),
});

/** What is known of storage, each part read for itself. */
export const provisionersSchema = z.object({
  /** Names of CSIDriver objects. */
  drivers: z.array(z.string()),
  /** Provisioners whose leader Lease was renewed within the last two minutes: somebody runs them. */
  alive: z.array(z.string()),
});
