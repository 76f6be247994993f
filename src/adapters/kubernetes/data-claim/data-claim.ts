import { z } from "zod";
import { type Right, vital } from "../../../domain/facts/rights.ts";
import type { ReleaseScope } from "../../../ports/cluster-workloads.ts";
import { type DataClaim, dataClaimName } from "../../../ports/data-claim.ts";
import type { ApiClient } from "../api-client.ts";
import { telling } from "../api-errors.ts";
import { alreadyExists, fieldManager } from "../objects-write.ts";

const making = "make the claim of a lost data volume anew";

/** The rights that each method uses. */
export const dataClaimRights: Readonly<Record<keyof DataClaim, readonly Right[]>> = {
  exists: vital(making, "get persistentvolumeclaims"),
  create: vital(making, "create persistentvolumeclaims"),
};

const manifestSchema = z.looseObject({ metadata: z.looseObject({ annotations: z.record(z.string(), z.string()).default({}) }) });

/** The claim of a release's data volume, through the API server. */
export function createDataClaim(client: ApiClient, { release, namespace }: ReleaseScope): DataClaim {
  const path = `/api/v1/namespaces/${namespace}/persistentvolumeclaims`;
  return {
    exists: (signal) =>
      telling(`looking for PersistentVolumeClaim/${dataClaimName}`, async () => {
        return (await client.find(`${path}/${dataClaimName}`, z.unknown(), signal)) !== undefined;
      }),
    create: (manifest, signal) =>
      telling(`making PersistentVolumeClaim/${dataClaimName}`, async () => {
        const { metadata, ...rest } = manifestSchema.parse(manifest);
        // Without these, which Helm itself notes, the next `helm upgrade` takes the claim for somebody else's.
        const owned = { "meta.helm.sh/release-name": release, "meta.helm.sh/release-namespace": namespace };
        const body = { ...rest, metadata: { ...metadata, annotations: { ...metadata.annotations, ...owned } } };
        try {
          await client.text({ method: "POST", path, query: { fieldManager }, body, signal, repeatable: true });
        } catch (error) {
          if (!alreadyExists(error)) throw error;
        }
      }),
  };
}
