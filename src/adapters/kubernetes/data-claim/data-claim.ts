import { z } from "zod";
import { type Right, vital } from "../../../domain/facts/rights.ts";
import type { ReleaseScope } from "../../../ports/cluster-workloads.ts";
import { type DataClaim, dataClaimName } from "../../../ports/data-claim.ts";
import type { ApiClient } from "../api-client.ts";
import { telling } from "../api-errors.ts";
import { ownedByHelm } from "../early-objects/owned-by-helm.ts";
import { alreadyExists, fieldManager } from "../objects-write.ts";

const making = "make the claim of a lost data volume anew";

/** The rights that each method uses. */
export const dataClaimRights: Readonly<Record<keyof DataClaim, readonly Right[]>> = {
  exists: vital(making, "get persistentvolumeclaims"),
  create: vital(making, "create persistentvolumeclaims"),
};

/** The claim of a release's data volume, through the API server. */
export function createDataClaim(client: ApiClient, scope: ReleaseScope): DataClaim {
  const path = `/api/v1/namespaces/${scope.namespace}/persistentvolumeclaims`;
  return {
    exists: (signal) =>
      telling(`looking for PersistentVolumeClaim/${dataClaimName}`, async () => {
        return (await client.find(`${path}/${dataClaimName}`, z.unknown(), signal)) !== undefined;
      }),
    create: (manifest, signal) =>
      telling(`making PersistentVolumeClaim/${dataClaimName}`, async () => {
        const body = ownedByHelm(manifest, scope);
        try {
          await client.text({ method: "POST", path, query: { fieldManager }, body, signal, repeatable: true });
        } catch (error) {
          if (!alreadyExists(error)) throw error;
        }
      }),
  };
}
