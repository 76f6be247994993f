import { network } from "../../layout.ts";

/** A Kubernetes object on its way to the API server. */
export type KubernetesObject = {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly namespace?: string; readonly labels?: Readonly<Record<string, string>> };
  readonly [field: string]: unknown;
};

/** A ServiceAccount that is bound to rules over the whole cluster. */
export const accountWithRules = (
  namespace: string,
  name: string,
  rules: readonly object[],
  alsoRoles: readonly string[] = [],
): readonly KubernetesObject[] => {
  const subjects = [{ kind: "ServiceAccount", name, namespace }];
  const bindingTo = (role: string): KubernetesObject => ({
    apiVersion: "rbac.authorization.k8s.io/v1",
    kind: "ClusterRoleBinding",
    metadata: { name: `${name}-${role.replaceAll(":", "-")}` },
    roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "ClusterRole", name: role },
    subjects,
  });
  return [
    { apiVersion: "v1", kind: "ServiceAccount", metadata: { name, namespace } },
    { apiVersion: "rbac.authorization.k8s.io/v1", kind: "ClusterRole", metadata: { name }, rules },
    ...[name, ...alsoRoles].map(bindingTo),
  ];
};

/** A directory of the node that a system pod sees, read-only unless said otherwise. */
export type NodeDirectory = { readonly from: string; readonly to: string; readonly writable?: boolean };

/** A Deployment of one pod whose program is on the node. */
export const systemDeployment = (options: {
  readonly namespace: string;
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly image: string;
  readonly command: readonly string[];
  readonly directories: readonly NodeDirectory[];
  readonly requests: Readonly<Record<string, string>>;
  readonly ports: readonly object[];
  readonly readinessProbe: object;
  readonly serviceAccountName?: string;
  readonly env?: readonly object[];
  readonly pod?: object;
}): KubernetesObject => ({
  apiVersion: "apps/v1",
  kind: "Deployment",
  metadata: { name: options.name, namespace: options.namespace, labels: options.labels },
  spec: {
    replicas: 1,
    strategy: { type: "Recreate" },
    selector: { matchLabels: options.labels },
    template: {
      metadata: { labels: options.labels },
      spec: {
        nodeName: network.nodeName,
        priorityClassName: "system-cluster-critical",
        terminationGracePeriodSeconds: 1,
        ...(options.serviceAccountName ? { serviceAccountName: options.serviceAccountName } : { automountServiceAccountToken: false }),
        ...options.pod,
        volumes: options.directories.map(({ from }, index) => ({
          name: `node-${index}`,
          hostPath: { path: from, type: "Directory" },
        })),
        containers: [
          {
            name: options.name,
            image: options.image,
            imagePullPolicy: "Never",
            command: options.command,
            env: options.env ?? [],
            ports: options.ports,
            resources: { requests: options.requests },
            readinessProbe: { periodSeconds: 1, failureThreshold: 60, ...options.readinessProbe },
            volumeMounts: options.directories.map(({ to, writable }, index) => ({
              name: `node-${index}`,
              mountPath: to,
              readOnly: !writable,
            })),
          },
        ],
      },
    },
  },
});
