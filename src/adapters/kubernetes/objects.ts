import { createHash } from "node:crypto";
import type {
  ClusterObjects,
  LabelledKind,
  LabelledObject,
  Labels,
  NamedObject,
  NamespaceSighting,
  Versioned,
  WriteResult,
} from "../../ports/cluster-objects.ts";
import type { ApiClient } from "./api-client.ts";
import { ApiStatusError, problemOf, telling } from "./api-errors.ts";
import { absentObjects } from "./objects-absent.ts";
import { deleteLease, readLease, writeLease } from "./objects-lease.ts";
import { addSecretKeys, createSecret, readSecret, setSecret } from "./objects-secrets.ts";
import { configMapSchema, labelledSchema, namespaceSchema, objectSchema, selfReviewSchema } from "./objects-shapes.ts";
import { alreadyExists, fieldManager, sameValues, written } from "./objects-write.ts";

const collections: Readonly<Record<LabelledKind, string>> = {
  Pod: "api/v1/namespaces/NAMESPACE/pods",
  PersistentVolumeClaim: "api/v1/namespaces/NAMESPACE/persistentvolumeclaims",
  Secret: "api/v1/namespaces/NAMESPACE/secrets",
  ConfigMap: "api/v1/namespaces/NAMESPACE/configmaps",
  Job: "apis/batch/v1/namespaces/NAMESPACE/jobs",
};

/** ConfigMap that every namespace holds with the CA of its cluster. */
const rootCa = "kube-root-ca.crt";

const collection = (namespace: string, kind: LabelledKind) => `/${collections[kind].replace("NAMESPACE", namespace)}`;

/** The objects that migratectl owns, through the API server. */
export function createClusterObjects(client: ApiClient): ClusterObjects {
  return {
    clusterUid: (namespace, signal) => telling("reading the cluster's identity", () => clusterUid(client, namespace, signal)),
    userName: (signal) => userName(client, signal),
    namespace: (name, signal) => telling(`looking at Namespace/${name}`, () => namespace(client, name, signal)),
    createNamespace: (name, labels, signal) => telling(`creating Namespace/${name}`, () => createNamespace(client, name, labels, signal)),
    readSecret: (space, name, signal) => telling(`reading Secret/${name}`, () => readSecret(client, space, name, signal)),
    createSecret: (space, secret, signal) => telling(`creating Secret/${secret.name}`, () => createSecret(client, space, secret, signal)),
    addSecretKeys: (space, name, values, signal) =>
      telling(`adding keys to Secret/${name}`, () => addSecretKeys(client, space, name, values, signal)),
    setSecret: (space, secret, signal) => telling(`writing Secret/${secret.name}`, () => setSecret(client, space, secret, signal)),
    readDocument: (space, name, signal) => telling(`reading ConfigMap/${name}`, () => readDocument(client, space, name, signal)),
    writeDocument: (space, name, data, labels, version, signal) =>
      telling(`writing ConfigMap/${name}`, () => writeDocument(client, space, name, data, labels, version, signal)),
    deleteDocument: (space, name, signal) =>
      telling(`deleting ConfigMap/${name}`, () => deleteObject(client, space, "ConfigMap", name, signal)),
    readLease: (space, name, signal) => telling(`reading Lease/${name}`, () => readLease(client, space, name, signal)),
    writeLease: (space, name, claim, version, signal) =>
      telling(`writing Lease/${name}`, () => writeLease(client, space, name, claim, version, signal)),
    deleteLease: (space, name, version, signal) =>
      telling(`deleting Lease/${name}`, () => deleteLease(client, space, name, version, signal)),
    listLabelled: (space, kind, labels, signal) => telling(`listing ${kind}s`, () => listLabelled(client, space, kind, labels, signal)),
    deleteObject: (space, kind, name, signal) => telling(`deleting ${kind}/${name}`, () => deleteObject(client, space, kind, name, signal)),
    deleteExactly: (space, kind, object, signal) =>
      telling(`deleting ${kind}/${object.name}`, () => deleteExactly(client, space, kind, object, signal)),
    absentObjects: (objects, signal) => telling("looking for the chart's objects", () => absentObjects(client, objects, signal)),
  };
}

async function clusterUid(client: ApiClient, space: string, signal: AbortSignal): Promise<string | undefined> {
  const system = await client.find("/api/v1/namespaces/kube-system", objectSchema, signal).catch(unlessForbidden);
  if (system !== undefined) return system.metadata.uid;
  const ca = await client.find(`${collection(space, "ConfigMap")}/${rootCa}`, configMapSchema, signal).catch(unlessForbidden);
  const pem = ca?.data["ca.crt"];
  return pem === undefined ? undefined : `ca:${createHash("sha256").update(pem).digest("hex")}`;
}

async function userName(client: ApiClient, signal: AbortSignal): Promise<string> {
  const body = { apiVersion: "authentication.k8s.io/v1", kind: "SelfSubjectReview" };
  try {
    return (
      await client.request(
        { method: "POST", path: "/apis/authentication.k8s.io/v1/selfsubjectreviews", body, signal, repeatable: true },
        selfReviewSchema,
      )
    ).status.userInfo.username;
  } catch (error) {
    if (error instanceof ApiStatusError && (error.status === 404 || error.status === 403)) return "";
    throw problemOf(error, "asking for the user name");
  }
}

async function namespace(client: ApiClient, name: string, signal: AbortSignal): Promise<NamespaceSighting> {
  try {
    const found = await client.find(`/api/v1/namespaces/${name}`, namespaceSchema, signal);
    if (found === undefined) return { kind: "absent" };
    const podSecurity = found.metadata.labels["pod-security.kubernetes.io/enforce"];
    const terminating = found.status.phase === "Terminating" || found.metadata.deletionTimestamp !== undefined;
    return { kind: "present", namespace: { uid: found.metadata.uid, terminating, ...(podSecurity === undefined ? {} : { podSecurity }) } };
  } catch (error) {
    if (error instanceof ApiStatusError && error.status === 403) return { kind: "hidden" };
    throw error;
  }
}

async function createNamespace(client: ApiClient, name: string, labels: Labels, signal: AbortSignal): Promise<"created" | "exists"> {
  try {
    const body = { apiVersion: "v1", kind: "Namespace", metadata: { name, labels } };
    const request = { method: "POST", path: "/api/v1/namespaces", query: { fieldManager }, body, signal, repeatable: true } as const;
    await client.request(request, objectSchema);
    return "created";
  } catch (error) {
    if (!alreadyExists(error)) throw error;
    // The answer to an earlier sending may have been lost.
    const found = error.sent > 1 ? await client.find(`/api/v1/namespaces/${name}`, namespaceSchema, signal) : undefined;
    return found?.metadata.managedFields.some(({ manager }) => manager === fieldManager) === true ? "created" : "exists";
  }
}

async function readDocument(
  client: ApiClient,
  space: string,
  name: string,
  signal: AbortSignal,
): Promise<Versioned<Readonly<Record<string, string>>> | undefined> {
  const found = await client.find(`${collection(space, "ConfigMap")}/${name}`, configMapSchema, signal);
  return found === undefined ? undefined : { value: found.data, version: found.metadata.resourceVersion };
}

async function writeDocument(
  client: ApiClient,
  space: string,
  name: string,
  data: Readonly<Record<string, string>>,
  labels: Labels,
  version: string | undefined,
  signal: AbortSignal,
): Promise<WriteResult> {
  const body = { apiVersion: "v1", kind: "ConfigMap", metadata: { name, labels, resourceVersion: version }, data };
  const base = collection(space, "ConfigMap");
  const target = version === undefined ? ({ method: "POST", path: base } as const) : ({ method: "PUT", path: `${base}/${name}` } as const);
  return await written(
    () => client.request({ ...target, query: { fieldManager }, body, signal, repeatable: true }, configMapSchema),
    async () => {
      const found = await readDocument(client, space, name, signal);
      return found !== undefined && sameValues(found.value, data) ? found.version : undefined;
    },
  );
}

async function listLabelled(
  client: ApiClient,
  space: string,
  kind: LabelledKind,
  labels: Labels,
  signal: AbortSignal,
): Promise<readonly LabelledObject[]> {
  const labelSelector = Object.entries(labels)
    .map(([name, value]) => `${name}=${value}`)
    .join(",");
  const found: LabelledObject[] = [];
  for await (const { metadata, status } of client.list(collection(space, kind), labelledSchema, signal, { labelSelector })) {
    const size = status.capacity["storage"];
    const failed = kind === "Job" && status.conditions.some((condition) => condition.type === "Failed" && condition.status === "True");
    found.push({
      kind,
      name: metadata.name,
      finalizers: metadata.finalizers,
      ...(size === undefined ? {} : { size }),
      ...(failed ? { failed } : {}),
    });
  }
  return found;
}

async function deleteObject(client: ApiClient, space: string, kind: LabelledKind, name: string, signal: AbortSignal): Promise<void> {
  try {
    await client.text({ method: "DELETE", path: `${collection(space, kind)}/${name}`, query: { propagationPolicy: "Background" }, signal });
  } catch (error) {
    if (!(error instanceof ApiStatusError && error.status === 404)) throw error;
  }
}

async function deleteExactly(
  client: ApiClient,
  space: string,
  kind: LabelledKind,
  { name, uid }: NamedObject,
  signal: AbortSignal,
): Promise<"deleted" | "gone"> {
  const body = { apiVersion: "v1", kind: "DeleteOptions", propagationPolicy: "Background", preconditions: { uid } };
  try {
    await client.text({ method: "DELETE", path: `${collection(space, kind)}/${name}`, body, signal });
    return "deleted";
  } catch (error) {
    // 409: the object of that name is another one.
    if (error instanceof ApiStatusError && (error.status === 404 || error.status === 409)) return "gone";
    throw error;
  }
}

function unlessForbidden(error: unknown): undefined {
  if (error instanceof ApiStatusError && error.status === 403) return undefined;
  throw error;
}
