import { join } from "node:path";
import type { Settings } from "../document.ts";
import { type Layout, network } from "../layout.ts";
import type { Daemon } from "./daemons.ts";

type Make = (layout: Layout, settings: Settings) => Daemon;

const program = (settings: Settings, name: string): string => settings.tools[name] ?? join(settings.binDir, name);

/** etcd without waiting for the disk: the data is thrown away with the sandbox. */
export const etcd: Make = (layout, settings) => {
  const client = `http://127.0.0.1:${settings.etcd.clientPort}`;
  const peer = `http://127.0.0.1:${settings.etcd.peerPort}`;
  return {
    name: "etcd",
    argv: [
      program(settings, "etcd"),
      `--data-dir=${join(layout.root, "etcd")}`,
      `--listen-client-urls=${client}`,
      `--advertise-client-urls=${client}`,
      `--listen-peer-urls=${peer}`,
      `--initial-advertise-peer-urls=${peer}`,
      `--initial-cluster=default=${peer}`,
      "--unsafe-no-fsync",
    ],
  };
};

/** The API server, with the aggregation layer switched on. */
export const apiServer: Make = ({ pki }, settings) => ({
  name: "kube-apiserver",
  argv: [
    program(settings, "kube-apiserver"),
    `--etcd-servers=http://127.0.0.1:${settings.etcd.clientPort}`,
    `--bind-address=${settings.apiServer.address}`,
    `--advertise-address=${network.nodeAddress}`,
    `--secure-port=${settings.apiServer.port}`,
    `--client-ca-file=${pki}/ca.crt`,
    `--tls-cert-file=${pki}/apiserver.crt`,
    `--tls-private-key-file=${pki}/apiserver.key`,
    `--service-cluster-ip-range=${network.serviceNetwork}`,
    "--authorization-mode=Node,RBAC",
    "--allow-privileged=true",
    "--service-account-issuer=https://kubernetes.default.svc",
    `--service-account-key-file=${pki}/sa.pub`,
    `--service-account-signing-key-file=${pki}/sa.key`,
    `--kubelet-client-certificate=${pki}/admin.crt`,
    `--kubelet-client-key=${pki}/admin.key`,
    `--kubelet-certificate-authority=${pki}/ca.crt`,
    // Node names do not resolve inside the sandbox's API server.
    "--kubelet-preferred-address-types=InternalIP",
    `--requestheader-client-ca-file=${pki}/ca.crt`,
    "--requestheader-allowed-names=front-proxy",
    "--requestheader-username-headers=X-Remote-User",
    "--requestheader-group-headers=X-Remote-Group",
    "--requestheader-extra-headers-prefix=X-Remote-Extra-",
    `--proxy-client-cert-file=${pki}/front-proxy.crt`,
    `--proxy-client-key-file=${pki}/front-proxy.key`,
    "--enable-aggregator-routing=true",
  ],
});

/** The client's registry. */
export const registry: Make = (layout, settings) => ({
  name: "registry",
  argv: [program(settings, "docker-registry"), "serve", join(layout.root, "registry.json")],
  env: { OTEL_TRACES_EXPORTER: "none" },
});

/** The container runtime. */
export const containerd: Make = (layout, settings) => ({
  name: "containerd",
  argv: [program(settings, "containerd"), "--config", join(layout.root, "containerd.toml")],
});

/** Everything that needs the API server to answer before it starts. */
export const controllers: readonly Make[] = [
  ({ pki, root }, settings) => ({
    name: "kube-controller-manager",
    argv: [
      program(settings, "kube-controller-manager"),
      `--kubeconfig=${pki}/controller-manager.kubeconfig`,
      "--use-service-account-credentials",
      `--service-account-private-key-file=${pki}/sa.key`,
      `--root-ca-file=${pki}/ca.crt`,
      `--cluster-signing-cert-file=${pki}/ca.crt`,
      `--cluster-signing-key-file=${pki}/ca.key`,
      "--allocate-node-cidrs=true",
      `--cluster-cidr=${network.podNetwork}`,
      "--leader-elect=false",
      "--horizontal-pod-autoscaler-sync-period=5s",
      `--flex-volume-plugin-dir=${join(root, "volume-plugins")}`,
    ],
  }),
  ({ pki }, settings) => ({
    name: "kube-scheduler",
    argv: [program(settings, "kube-scheduler"), `--kubeconfig=${pki}/scheduler.kubeconfig`, "--leader-elect=false"],
  }),
  ({ root }, settings) => ({
    name: "kube-proxy",
    argv: [program(settings, "kube-proxy"), `--config=${join(root, "kube-proxy.json")}`],
  }),
];

/** The kubelet; containerd's socket has to exist before it starts. */
export const kubelet: Make = ({ pki, root }, settings) => ({
  name: "kubelet",
  argv: [
    program(settings, "kubelet"),
    `--config=${join(root, "kubelet.json")}`,
    `--kubeconfig=${pki}/node.kubeconfig`,
    `--hostname-override=${network.nodeName}`,
    `--node-ip=${network.nodeAddress}`,
    `--root-dir=${join(root, "kubelet")}`,
    `--cert-dir=${pki}`,
  ],
});

/** The sandbox's own controllers: network policies, ingress, growth of volumes. */
export const sandboxControllers: Make = (layout) => ({
  name: "sandbox-controllers",
  argv: [process.execPath, join(import.meta.dirname, "../controllers/main.ts"), layout.kubeconfigs.admin, layout.ingressConfig],
});
