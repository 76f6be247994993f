import type { CoreV1Api, KubeConfig, V1PersistentVolumeClaim } from "@kubernetes/client-node";
import { storageClassNames } from "../node/objects/storage.ts";
import { coalesced, watch } from "./watched.ts";

const wantsToGrow = ({ spec, status }: V1PersistentVolumeClaim): boolean =>
  spec?.storageClassName === storageClassNames.default &&
  status?.phase === "Bound" &&
  spec.resources?.requests?.storage !== status.capacity?.storage;

/**
 * Grows bound claims of the default class to what they ask for. Its volumes are directories of one file system, which have
 * no size of their own: what an expansion has to do is to write the new size down, on the volume first.
 */
export const growVolumes = async (kubeconfig: KubeConfig, core: CoreV1Api): Promise<void> => {
  let list: (() => readonly V1PersistentVolumeClaim[]) | undefined;
  const apply = coalesced(async () => {
    for (const { metadata, spec } of list?.().filter(wantsToGrow) ?? []) {
      const storage = spec?.resources?.requests?.storage;
      const { name = "", namespace = "" } = metadata ?? {};
      await core.patchPersistentVolume({
        name: spec?.volumeName ?? "",
        body: [{ op: "replace", path: "/spec/capacity/storage", value: storage }],
      });
      await core.patchNamespacedPersistentVolumeClaimStatus({
        name,
        namespace,
        body: [{ op: "replace", path: "/status/capacity/storage", value: storage }],
      });
      console.log(`grew ${namespace}/${name} to ${storage}`);
    }
  }, 50);
  const claims = await watch(kubeconfig, "/api/v1/persistentvolumeclaims", () => core.listPersistentVolumeClaimForAllNamespaces(), apply);
  list = claims.list;
  apply();
};
