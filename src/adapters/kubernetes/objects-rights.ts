import { clusterWide, helpful, type Right, vital } from "../../domain/facts/rights.ts";
import type { ClusterObjects } from "../../ports/cluster-objects.ts";
import { chartResources } from "../helm/rights.ts";

const secrets = "make the platform's Secrets";
const documents = "keep journal and record";
const lease = "keep two operators apart";

const deletions = helpful(
  "clear away",
  "delete pods",
  "delete persistentvolumeclaims",
  "delete secrets",
  "delete configmaps",
  "delete jobs.batch",
);

/**
 * The rights that each method of objects.ts uses; a test holds them against what the API server is asked. Who somebody is may be asked by
 * everybody.
 */
export const objectsRights: Readonly<Record<keyof ClusterObjects, readonly Right[]>> = {
  clusterUid: [
    ...clusterWide(helpful("tell one cluster from another", "get namespaces")),
    ...helpful("tell one cluster from another", "get configmaps"),
  ],
  userName: [],
  namespace: clusterWide(helpful("look for the release's namespace", "get namespaces")),
  // Whether it is there has to be seen first.
  createNamespace: clusterWide(vital("make the release's namespace", "get,create namespaces")),
  readSecret: vital(secrets, "get secrets"),
  createSecret: vital(secrets, "create,get secrets"),
  addSecretKeys: vital(secrets, "get,patch secrets"),
  // An apply makes the object when it is not there: the API server then asks for create, too.
  setSecret: vital(secrets, "get,patch,create secrets"),
  readDocument: vital(documents, "get configmaps"),
  writeDocument: vital(documents, "get,create,update configmaps"),
  deleteDocument: vital(documents, "delete configmaps"),
  readLease: vital(lease, "get leases.coordination.k8s.io"),
  writeLease: vital(lease, "get,create,update leases.coordination.k8s.io"),
  deleteLease: vital(lease, "delete leases.coordination.k8s.io"),
  listLabelled: helpful("clear away", "list pods", "list persistentvolumeclaims", "list secrets", "list configmaps", "list jobs.batch"),
  deleteObject: deletions,
  deleteExactly: deletions,
  // Those of kinds that only some answers make are no others than helm needs for them.
  absentObjects: helpful("see what somebody deleted", ...chartResources.map((resource) => `get ${resource}`)),
};
