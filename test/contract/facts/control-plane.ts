import { z } from "zod";
import { ApiClient } from "../../../src/adapters/kubernetes/api-client.ts";
import { loadKubeConfig } from "../../../src/adapters/kubernetes/connection.ts";
import type { ClusterObject } from "../../fakes/fake-cluster-facts.ts";
import { down, ensureToolchain, network, type SandboxDocument, up } from "../../sandbox/index.ts";

/** Where objects of a kind live in the API. */
const places: Readonly<Record<string, string>> = {
  Namespace: "/api/v1/namespaces",
  Node: "/api/v1/nodes",
  Pod: "/api/v1/namespaces/NS/pods",
  Secret: "/api/v1/namespaces/NS/secrets",
  ServiceAccount: "/api/v1/namespaces/NS/serviceaccounts",
  Role: "/apis/rbac.authorization.k8s.io/v1/namespaces/NS/roles",
  RoleBinding: "/apis/rbac.authorization.k8s.io/v1/namespaces/NS/rolebindings",
  ResourceQuota: "/api/v1/namespaces/NS/resourcequotas",
  LimitRange: "/api/v1/namespaces/NS/limitranges",
  PersistentVolumeClaim: "/api/v1/namespaces/NS/persistentvolumeclaims",
  StorageClass: "/apis/storage.k8s.io/v1/storageclasses",
  CSIDriver: "/apis/storage.k8s.io/v1/csidrivers",
  IngressClass: "/apis/networking.k8s.io/v1/ingressclasses",
  PriorityClass: "/apis/scheduling.k8s.io/v1/priorityclasses",
};

const signal = new AbortController().signal;

/** A real etcd and kube-apiserver for one test file, without a kubelet: objects stay as they are written. */
export class ControlPlane {
  readonly sandbox: SandboxDocument;
  readonly admin: ApiClient;
  readonly namespaced: ApiClient;

  private constructor(sandbox: SandboxDocument) {
    this.sandbox = sandbox;
    this.admin = new ApiClient(loadKubeConfig({ kubeconfig: sandbox.kubeconfigs.admin }));
    this.namespaced = new ApiClient(loadKubeConfig({ kubeconfig: sandbox.kubeconfigs.namespaced }));
  }

  /** Starts one; `name` must be unique among test files. */
  static async start(name: string): Promise<ControlPlane> {
    return new ControlPlane(
      await up({ name: `${name}-${process.pid}`, cpus: 2, mode: "control-plane", toolchain: await ensureToolchain() }),
    );
  }

  stop(): Promise<void> {
    return down(this.sandbox.name);
  }

  /**
   * Lets the `namespaced` user do everything in the client's namespace, and pods be made in it. The cluster role `admin` is empty here,
   * and service accounts are missing: both are the controller manager's work, which does not run.
   */
  async completeClientNamespace(): Promise<void> {
    const namespace = network.clientNamespace;
    const group = "rbac.authorization.k8s.io";
    await this.apply({ apiVersion: "v1", kind: "ServiceAccount", metadata: { name: "default", namespace } });
    await this.apply({
      apiVersion: `${group}/v1`,
      kind: "Role",
      metadata: { name: "everything", namespace },
      rules: [{ apiGroups: ["*"], resources: ["*"], verbs: ["*"] }],
    });
    await this.apply({
      apiVersion: `${group}/v1`,
      kind: "RoleBinding",
      metadata: { name: "everything", namespace },
      roleRef: { apiGroup: group, kind: "Role", name: "everything" },
      subjects: [{ apiGroup: group, kind: "User", name: network.namespacedUser }],
    });
  }

  /**
   * Creates an object and, where it has one, its status, which the API server takes only separately. The taint not-ready, which admission
   * gives to every new node, is taken off again: the controller that would do it does not run.
   */
  async apply(object: ClusterObject): Promise<void> {
    const path = placeOf(object);
    const made = await this.admin.request({ method: "POST", path, body: object, signal }, z.looseObject({}));
    if (object.status === undefined) return;
    const target = `${path}/${object.metadata.name}`;
    await this.admin.request({ method: "PUT", path: `${target}/status`, body: { ...made, status: object.status }, signal }, z.unknown());
    if (object.kind !== "Node") return;
    const body = { spec: { taints: object.spec?.taints ?? null } };
    await this.admin.request({ method: "PATCH", path: target, body, contentType: "application/merge-patch+json", signal }, z.unknown());
  }

  /** Deletes an object at once. */
  async remove(object: ClusterObject): Promise<void> {
    await this.admin.request(
      { method: "DELETE", path: `${placeOf(object)}/${object.metadata.name}`, query: { gracePeriodSeconds: 0 }, signal },
      z.unknown(),
    );
  }
}

function placeOf({ kind, metadata }: ClusterObject): string {
  const path = places[kind];
  if (path === undefined) throw new Error(`no place for ${kind}`);
  return path.replace("NS", metadata.namespace ?? "default");
}
