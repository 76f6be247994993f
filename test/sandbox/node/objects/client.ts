import { network } from "../../layout.ts";
import type { KubernetesObject } from "./system-pod.ts";

/** A namespace that the user of the `namespaced` kubeconfig administers, without any right outside of it. */
export const clientNamespace = (name: string): readonly KubernetesObject[] => [
  { apiVersion: "v1", kind: "Namespace", metadata: { name, labels: { client: name.replace(/^client-/, "") } } },
  {
    apiVersion: "rbac.authorization.k8s.io/v1",
    kind: "RoleBinding",
    metadata: { name: "client-admin", namespace: name },
    roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "ClusterRole", name: "admin" },
    subjects: [{ apiGroup: "rbac.authorization.k8s.io", kind: "User", name: network.namespacedUser }],
  },
];
