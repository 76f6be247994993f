import { readFileSync } from "node:fs";
import { z } from "zod";
import type { ApiClient } from "../../../src/adapters/kubernetes/api-client.ts";
import { ApiStatusError } from "../../../src/adapters/kubernetes/api-errors.ts";
import { createWorkloads } from "../../../src/adapters/kubernetes/workloads/workloads.ts";
import type { ReleaseScope } from "../../../src/ports/cluster-workloads.ts";
import { network, type SandboxDocument } from "../../sandbox/index.ts";
import { namespaceOf, processesIn } from "../../sandbox/lifecycle/processes.ts";
import { until } from "../../sandbox/until.ts";
import { ControlPlane } from "../facts/control-plane.ts";
import { LogKubelet } from "./kubelet.ts";
import type { KubernetesObject } from "./objects/object.ts";
import { podObject } from "./objects/pods.ts";
import { autoscalerObject, cronJobObject, helmObject, ingressObjects, serviceObject, tlsObject } from "./objects/release.ts";
import { claimObject, eventObject, nodeObject, storageClassObject } from "./objects/surroundings.ts";
import { workloadObjects } from "./objects/workloads.ts";
import { nodes, type ReleaseState, storageClasses, type World } from "./world.ts";

const signal = new AbortController().signal;

/** A secret in what Helm keeps; it must never come out. */
const helmCanary = "canary-in-helm-values";

/** A real API server without controllers: every state is written by the test. Its only kubelet answers for logs. */
export async function realWorld(): Promise<World> {
  const plane = await ControlPlane.start("contract-workloads");
  await plane.completeClientNamespace();
  const kubelet = await LogKubelet.start(plane.sandbox);
  for (const node of nodes) await write(plane.admin, nodeObject(node, kubelet.port));
  for (const one of nodes) await setTaints(plane.admin, nodeObject(one, kubelet.port));
  for (const one of storageClasses) await write(plane.admin, storageClassObject(one));
  return {
    workloads: createWorkloads(plane.admin, () => new Date()),
    restricted: createWorkloads(plane.namespaced, () => new Date()),
    ownNamespace: network.clientNamespace,
    async makeNamespace(name) {
      await write(plane.admin, { apiVersion: "v1", kind: "Namespace", metadata: { name } });
      // Pods need one, and the controller that makes it does not run.
      await write(plane.admin, { apiVersion: "v1", kind: "ServiceAccount", metadata: { name: "default", namespace: name } });
    },
    async put(scope, state) {
      for (const object of objectsOf(scope, state)) await write(plane.admin, object);
      for (const pod of state.pods ?? []) if (pod.deleting) await remove(plane.admin, podObject(scope, pod));
      for (const [source, lines] of Object.entries(state.logs ?? {})) kubelet.keep(scope.namespace, source, lines);
    },
    async interrupt() {
      process.kill(apiServerOf(plane.sandbox), "SIGKILL");
      const version = () => plane.admin.request({ method: "GET", path: "/api/v1/namespaces/default", signal }, z.unknown());
      await until("the API server after its restart", version, { deadlineMs: 30_000 });
    },
    async end() {
      await kubelet.stop();
      await plane.stop();
    },
  };
}

/** The API server's process, which the sandbox starts again when it dies. */
function apiServerOf({ pid }: SandboxDocument): number {
  const found = processesIn("pid", namespaceOf(pid, "pid") ?? "").find((one) =>
    readFileSync(`/proc/${one}/cmdline`, "utf8").split("\0")[0]?.endsWith("/kube-apiserver"),
  );
  if (found === undefined) throw new Error("no API server runs");
  return found;
}

function objectsOf(scope: ReleaseScope, state: ReleaseState): readonly KubernetesObject[] {
  const { namespace } = scope;
  return [
    ...(state.workloads ?? []).flatMap((one) => workloadObjects(scope, one)),
    ...(state.pods ?? []).map((one) => podObject(scope, one)),
    ...(state.events ?? []).map((one, index) => eventObject(namespace, `event-${index}`, one)),
    ...(state.claims ?? []).map((one) => claimObject(namespace, one)),
    ...ingressObjects(scope, state.entryPoints ?? []),
    ...(state.services ?? []).map((one) => serviceObject(scope, one)),
    ...(state.autoscalers ?? []).map((one) => autoscalerObject(scope, one)),
    ...(state.cronJobs ?? []).map((one) => cronJobObject(scope, one)),
    ...Object.entries(state.tlsSecrets ?? {}).map(([name, secret]) => tlsObject(namespace, name, secret)),
    ...(state.helm ?? []).map((one) => helmObject(scope, one, helmCanary)),
  ];
}

/** Where the objects of a kind live: `deployments` of `apps/v1`. */
function collectionOf({ apiVersion, kind, metadata: { namespace } }: KubernetesObject): string {
  const plural = `${kind.toLowerCase()}s`.replace(/(ss|sh)s$/, "$1es");
  return `/${apiVersion === "v1" ? "api" : "apis"}/${apiVersion}${namespace === undefined ? "" : `/namespaces/${namespace}`}/${plural}`;
}

/** Creates the object unless it is there, and then writes its status, which the API server takes only apart. */
async function write(api: ApiClient, object: KubernetesObject): Promise<void> {
  const collection = collectionOf(object);
  const path = `${collection}/${object.metadata.name}`;
  const made = await api.request({ method: "POST", path: collection, body: object, signal }, z.looseObject({})).catch((error: unknown) => {
    if (error instanceof ApiStatusError && error.reason === "AlreadyExists")
      return api.request({ method: "GET", path, signal }, z.looseObject({}));
    throw error;
  });
  if (object.status === undefined) return;
  await api.request({ method: "PUT", path: `${path}/status`, body: { ...made, status: object.status }, signal }, z.unknown());
}

/** Admission gives every new node a taint that a controller would take off again. */
async function setTaints(api: ApiClient, node: KubernetesObject): Promise<void> {
  const body = { spec: node["spec"] };
  const path = `/api/v1/nodes/${node.metadata.name}`;
  await api.request({ method: "PATCH", path, body, contentType: "application/merge-patch+json", signal }, z.unknown());
}

async function remove(api: ApiClient, object: KubernetesObject): Promise<void> {
  await api.request({ method: "DELETE", path: `${collectionOf(object)}/${object.metadata.name}`, signal }, z.unknown());
}
