import { busyboxImage } from "../images.ts";
import { accountWithRules, type KubernetesObject, systemDeployment } from "./system-pod.ts";

const labels = { "k8s-app": "metrics-server" };

/** metrics-server behind the aggregated API metrics.k8s.io, so that `kubectl top` and HorizontalPodAutoscalers get figures. */
export const metrics = (binDir: string): readonly KubernetesObject[] => [
  ...accountWithRules(
    "kube-system",
    "metrics-server",
    [
      { apiGroups: [""], resources: ["nodes/metrics"], verbs: ["get"] },
      { apiGroups: [""], resources: ["pods", "nodes", "configmaps"], verbs: ["get", "list", "watch"] },
    ],
    ["system:auth-delegator"],
  ),
  {
    apiVersion: "rbac.authorization.k8s.io/v1",
    kind: "RoleBinding",
    metadata: { name: "metrics-server-auth-reader", namespace: "kube-system" },
    roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "Role", name: "extension-apiserver-authentication-reader" },
    subjects: [{ kind: "ServiceAccount", name: "metrics-server", namespace: "kube-system" }],
  },
  {
    apiVersion: "rbac.authorization.k8s.io/v1",
    kind: "ClusterRole",
    metadata: {
      name: "system:aggregated-metrics-reader",
      labels: Object.fromEntries(["admin", "edit", "view"].map((role) => [`rbac.authorization.k8s.io/aggregate-to-${role}`, "true"])),
    },
    rules: [{ apiGroups: ["metrics.k8s.io"], resources: ["pods", "nodes"], verbs: ["get", "list", "watch"] }],
  },
  {
    apiVersion: "v1",
    kind: "Service",
    metadata: { name: "metrics-server", namespace: "kube-system", labels },
    spec: { selector: labels, ports: [{ name: "https", port: 443, targetPort: "https" }] },
  },
  {
    apiVersion: "apiregistration.k8s.io/v1",
    kind: "APIService",
    metadata: { name: "v1beta1.metrics.k8s.io", labels },
    spec: {
      group: "metrics.k8s.io",
      version: "v1beta1",
      groupPriorityMinimum: 100,
      versionPriority: 100,
      insecureSkipTLSVerify: true,
      service: { name: "metrics-server", namespace: "kube-system" },
    },
  },
  systemDeployment({
    namespace: "kube-system",
    name: "metrics-server",
    labels,
    image: busyboxImage,
    serviceAccountName: "metrics-server",
    command: [
      "/opt/bin/metrics-server",
      "--cert-dir=/tmp",
      "--secure-port=10250",
      "--kubelet-preferred-address-types=InternalIP",
      "--kubelet-insecure-tls",
      "--kubelet-use-node-status-port",
      "--metric-resolution=10s",
      "--kubelet-request-timeout=5s",
    ],
    directories: [{ from: binDir, to: "/opt/bin" }],
    requests: { cpu: "100m", memory: "200Mi" },
    ports: [{ name: "https", containerPort: 10250 }],
    readinessProbe: { httpGet: { path: "/readyz", port: "https", scheme: "HTTPS" }, failureThreshold: 30 },
  }),
];
