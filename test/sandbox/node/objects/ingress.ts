import { network } from "../../layout.ts";
import { distributionImage } from "../images.ts";
import { type KubernetesObject, systemDeployment } from "./system-pod.ts";

const labels = { "app.kubernetes.io/name": "ingress-nginx", "app.kubernetes.io/component": "controller" };
const namespace = network.ingressNamespace;

/** The ingress class that the sandbox serves. */
export const ingressClassName = "nginx";

/**
 * The ingress controller's pod: the distribution's nginx with ports 80 and 443 of the node. Its configuration is written
 * on the node; it shares the node's process ids so that the pid it records can be told to read it again.
 */
export const ingress = (configDir: string): readonly KubernetesObject[] => [
  {
    apiVersion: "networking.k8s.io/v1",
    kind: "IngressClass",
    metadata: { name: ingressClassName, labels },
    spec: { controller: "k8s.io/ingress-nginx" },
  },
  {
    apiVersion: "v1",
    kind: "Service",
    metadata: { name: "ingress-nginx-controller", namespace, labels },
    spec: {
      type: "LoadBalancer",
      selector: labels,
      ports: [
        { name: "http", port: 80, targetPort: "http" },
        { name: "https", port: 443, targetPort: "https" },
      ],
    },
  },
  systemDeployment({
    namespace,
    name: "ingress-nginx-controller",
    labels: { ...labels, "app.kubernetes.io/instance": "ingress-nginx" },
    image: distributionImage,
    command: ["/usr/sbin/nginx", "-e", "stderr", "-c", "/etc/ingress/nginx.conf", "-g", "daemon off;"],
    directories: [
      { from: "/usr", to: "/usr" },
      { from: configDir, to: "/etc/ingress", writable: true },
    ],
    requests: { cpu: "100m", memory: "90Mi" },
    ports: [
      { name: "http", containerPort: 80, hostPort: 80 },
      { name: "https", containerPort: 443, hostPort: 443 },
    ],
    readinessProbe: { httpGet: { path: "/healthz", port: 10254 } },
    pod: { hostPID: true },
  }),
];
