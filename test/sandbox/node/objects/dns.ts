import { network } from "../../layout.ts";
import { busyboxImage } from "../images.ts";
import { accountWithRules, type KubernetesObject, systemDeployment } from "./system-pod.ts";

const corefile = `.:53 {
  errors
  ready :8181
  hosts {
    ${network.nodeAddress} ${network.registryHost} ${network.ingressHost}
    fallthrough
  }
  kubernetes cluster.local in-addr.arpa {
    pods insecure
  }
  cache 5
}
`;

const labels = { "k8s-app": "kube-dns" };
const read = ["get", "list", "watch"];

/** The cluster's DNS: CoreDNS as a pod behind the Service kube-dns, as clusters have it. */
export const dns = (binDir: string): readonly KubernetesObject[] => [
  ...accountWithRules("kube-system", "coredns", [
    { apiGroups: [""], resources: ["endpoints", "services", "pods", "namespaces"], verbs: read },
    { apiGroups: ["discovery.k8s.io"], resources: ["endpointslices"], verbs: read },
  ]),
  {
    apiVersion: "v1",
    kind: "ConfigMap",
    metadata: { name: "coredns", namespace: "kube-system" },
    data: { Corefile: corefile },
  },
  {
    apiVersion: "v1",
    kind: "Service",
    metadata: { name: "kube-dns", namespace: "kube-system", labels },
    spec: {
      clusterIP: network.dnsServiceAddress,
      selector: labels,
      ports: [
        { name: "dns", port: 53, protocol: "UDP" },
        { name: "dns-tcp", port: 53, protocol: "TCP" },
      ],
    },
  },
  systemDeployment({
    namespace: "kube-system",
    name: "coredns",
    labels,
    image: busyboxImage,
    serviceAccountName: "coredns",
    // The configuration arrives through the environment, which saves the pod a volume and the start-up its mount.
    command: ["/bin/sh", "-c", 'echo "$COREFILE" > /tmp/Corefile && exec /opt/bin/coredns -conf /tmp/Corefile'],
    env: [{ name: "COREFILE", valueFrom: { configMapKeyRef: { name: "coredns", key: "Corefile" } } }],
    directories: [{ from: binDir, to: "/opt/bin" }],
    requests: { cpu: "100m", memory: "70Mi" },
    ports: [
      { name: "dns", containerPort: 53, protocol: "UDP" },
      { name: "dns-tcp", containerPort: 53, protocol: "TCP" },
    ],
    readinessProbe: { httpGet: { path: "/ready", port: 8181 } },
    // The cluster's DNS itself looks nothing up.
    pod: { dnsPolicy: "Default" },
  }),
];
