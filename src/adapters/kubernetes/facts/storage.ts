import { z } from "zod";
import type { Facts } from "../../../domain/facts/facts.ts";
import type { ClaimFact, StorageClassFact } from "../../../domain/facts/storage.ts";
import type { ApiClient } from "../api-client.ts";
import { collect, metadataSchema, namedSchema } from "./objects.ts";

type Value<R> = R extends { readonly kind: "known"; readonly value: infer T } ? T : never;

const classSchema = z.object({
  metadata: metadataSchema,
  provisioner: z.string(),
  allowVolumeExpansion: z.boolean().optional(),
  reclaimPolicy: z.string().default("Delete"),
  volumeBindingMode: z.string().default("Immediate"),
  allowedTopologies: z
    .array(z.object({ matchLabelExpressions: z.array(z.object({ key: z.string(), values: z.array(z.string()) })).nullish() }))
    .nullish(),
});

const defaultAnnotations = ["storageclass.kubernetes.io/is-default-class", "storageclass.beta.kubernetes.io/is-default-class"];

/** Every StorageClass, in order of name. */
export async function readStorageClasses(client: ApiClient, signal: AbortSignal): Promise<StorageClassFact[]> {
  const classes = await collect(client.list("/apis/storage.k8s.io/v1/storageclasses", classSchema, signal));
  return classes
    .map(({ metadata, ...rest }) => ({
      name: metadata.name,
      provisioner: rest.provisioner,
      isDefault: defaultAnnotations.some((name) => metadata.annotations[name] === "true"),
      createdAt: metadata.creationTimestamp,
      expandable: rest.allowVolumeExpansion === true,
      reclaimPolicy: rest.reclaimPolicy,
      bindingMode: rest.volumeBindingMode,
      topologies: (rest.allowedTopologies ?? []).map((term) =>
        Object.fromEntries((term.matchLabelExpressions ?? []).map(({ key, values }) => [key, values])),
      ),
    }))
    .sort((a, b) => (a.name < b.name ? -1 : 1));
}

const capacitySchema = z.object({
  storageClassName: z.string(),
  capacity: z.string().optional(),
  maximumVolumeSize: z.string().optional(),
});

/** What CSI drivers say is left, one entry per class and topology. */
export async function readStorageCapacities(client: ApiClient, signal: AbortSignal): Promise<Value<Facts["storageCapacities"]>> {
  const items = await collect(client.list("/apis/storage.k8s.io/v1/csistoragecapacities", capacitySchema, signal));
  return items.map(({ storageClassName, capacity, maximumVolumeSize }) => ({
    className: storageClassName,
    ...(capacity === undefined ? {} : { capacity }),
    ...(maximumVolumeSize === undefined ? {} : { maximumVolumeSize }),
  }));
}

const leaseSchema = z.object({ spec: z.object({ renewTime: z.string().nullish() }).default({}) });

/** A leader renews its Lease every few seconds; one older than this has nobody behind it. */
const leaseLife = 120_000;

/** CSI drivers, and which provisioners of the classes have a living leader Lease, by the API server's clock. */
export async function readProvisioners(client: ApiClient, signal: AbortSignal): Promise<Value<Facts["provisioners"]>> {
  const drivers = (await collect(client.list("/apis/storage.k8s.io/v1/csidrivers", namedSchema, signal)))
    .map(({ metadata }) => metadata.name)
    .sort();
  const provisioners = [...new Set((await readStorageClasses(client, signal)).map(({ provisioner }) => provisioner))];
  const alive = await Promise.all(provisioners.map(async (name) => ((await hasLivingLease(client, name, signal)) ? [name] : [])));
  return { drivers, alive: alive.flat() };
}

/** External provisioners elect a leader by a Lease that bears their name, with what a name may not hold replaced. */
async function hasLivingLease(client: ApiClient, provisioner: string, signal: AbortSignal): Promise<boolean> {
  for (const name of new Set([provisioner.replaceAll("/", "-"), provisioner.replaceAll(/[^a-zA-Z0-9-]/g, "-")])) {
    const leases = await collect(
      client.list("/apis/coordination.k8s.io/v1/leases", leaseSchema, signal, { fieldSelector: `metadata.name=${name}` }),
    );
    if (leases.some(({ spec }) => client.now() - Date.parse(spec.renewTime ?? "") < leaseLife)) return true;
  }
  return false;
}

const volumeSchema = z.object({
  metadata: metadataSchema,
  spec: z.object({ storageClassName: z.string().default(""), capacity: z.object({ storage: z.string() }) }),
  status: z.object({ phase: z.string().default("") }).default({ phase: "" }),
});

/** Every PersistentVolume, in order of name. */
export async function readVolumes(client: ApiClient, signal: AbortSignal): Promise<Value<Facts["volumes"]>> {
  const volumes = await collect(client.list("/api/v1/persistentvolumes", volumeSchema, signal));
  return volumes
    .map(({ metadata, spec, status }) => ({
      name: metadata.name,
      className: spec.storageClassName,
      capacity: spec.capacity.storage,
      phase: status.phase,
      provisionedBy: metadata.annotations["pv.kubernetes.io/provisioned-by"] ?? "",
    }))
    .sort((a, b) => (a.name < b.name ? -1 : 1));
}

const claimSchema = z.object({
  metadata: metadataSchema,
  spec: z.object({ storageClassName: z.string().optional(), resources: z.object({ requests: z.object({ storage: z.string() }) }) }),
  status: z.object({ phase: z.string().default("") }).default({ phase: "" }),
});

/** The claims of a namespace, in order of name. */
export async function readClaims(client: ApiClient, namespace: string, signal: AbortSignal): Promise<ClaimFact[]> {
  const claims = await collect(client.list(`/api/v1/namespaces/${namespace}/persistentvolumeclaims`, claimSchema, signal));
  return claims
    .map(({ metadata, spec, status }) => ({
      name: metadata.name,
      phase: status.phase,
      ...(spec.storageClassName === undefined ? {} : { className: spec.storageClassName }),
      size: spec.resources.requests.storage,
      release: metadata.annotations["meta.helm.sh/release-name"] ?? metadata.labels["app.kubernetes.io/instance"] ?? "",
    }))
    .sort((a, b) => (a.name < b.name ? -1 : 1));
}
