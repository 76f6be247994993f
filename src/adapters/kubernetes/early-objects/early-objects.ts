import { z } from "zod";
import { type Right, vital } from "../../../domain/facts/rights.ts";
import type { ReleaseScope } from "../../../ports/cluster-workloads.ts";
import { type EarlyObjects, earlyKinds } from "../../../ports/early-objects.ts";
import type { ApiClient } from "../api-client.ts";
import { telling } from "../api-errors.ts";
import { alreadyExists } from "../objects-write.ts";
import { ownedByHelm } from "./owned-by-helm.ts";

const making = "make the platform of its backups";

/** The rights that each method uses. */
export const earlyObjectsRights: Readonly<Record<keyof EarlyObjects, readonly Right[]>> = {
  create: vital(making, "create serviceaccounts", "create configmaps", "create persistentvolumeclaims"),
};

/** Helm's own name as a manager of fields: with another one its next server-side apply would find conflicts. */
const fieldManager = "helm";

const manifestSchema = z.looseObject({ kind: z.enum(earlyKinds), metadata: z.looseObject({ name: z.string() }) });

const collections: Readonly<Record<(typeof earlyKinds)[number], string>> = {
  ServiceAccount: "serviceaccounts",
  ConfigMap: "configmaps",
  PersistentVolumeClaim: "persistentvolumeclaims",
};

/** Objects of a release's chart, through the API server. */
export function createEarlyObjects(client: ApiClient, scope: ReleaseScope): EarlyObjects {
  return {
    create: async (manifest, signal) => {
      const { kind, metadata } = manifestSchema.parse(manifest);
      await telling(`making ${kind}/${metadata.name}`, async () => {
        const path = `/api/v1/namespaces/${scope.namespace}/${collections[kind]}`;
        const body = ownedByHelm(manifest, scope);
        try {
          await client.text({ method: "POST", path, query: { fieldManager }, body, signal, repeatable: true });
        } catch (error) {
          if (!alreadyExists(error)) throw error;
        }
      });
    },
  };
}
