import { randomBytes } from "node:crypto";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type Layout, network } from "../layout.ts";
import { run } from "../run.ts";
import { pauseImage } from "./images.ts";

const containerd = (layout: Layout): string => `version = 2
root = "${layout.root}/containerd-root"
state = "/run/containerd"
[grpc]
  address = "/run/containerd/containerd.sock"
[plugins."io.containerd.internal.v1.opt"]
  path = "${layout.root}/containerd-opt"
[plugins."io.containerd.grpc.v1.cri"]
  restrict_oom_score_adj = true
  sandbox_image = "${pauseImage}"
  [plugins."io.containerd.grpc.v1.cri".cni]
    bin_dir = "/usr/lib/cni"
    conf_dir = "${layout.root}/cni"
  [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc]
    runtime_type = "io.containerd.runc.v2"
  [plugins."io.containerd.grpc.v1.cri".registry]
    config_path = "${layout.root}/certs.d"
`;

const cni = (layout: Layout) => ({
  cniVersion: "0.4.0",
  name: "sandbox",
  plugins: [
    {
      // Point-to-point links, so that every packet between pods is routed and meets the policies.
      type: "ptp",
      ipMasq: false,
      ipam: {
        type: "host-local",
        dataDir: join(layout.root, "ipam"),
        ranges: [[{ subnet: network.podSubnet }]],
        routes: [{ dst: "0.0.0.0/0" }],
      },
    },
    { type: "portmap", capabilities: { portMappings: true } },
  ],
});

const kubelet = (layout: Layout) => ({
  apiVersion: "kubelet.config.k8s.io/v1beta1",
  kind: "KubeletConfiguration",
  address: network.nodeAddress,
  authentication: {
    x509: { clientCAFile: join(layout.pki, "ca.crt") },
    webhook: { enabled: true },
    anonymous: { enabled: false },
  },
  authorization: { mode: "Webhook" },
  tlsCertFile: join(layout.pki, "kubelet.crt"),
  tlsPrivateKeyFile: join(layout.pki, "kubelet.key"),
  cgroupDriver: "cgroupfs",
  // With more processors claimed than there are, writing cpusets for the quality-of-service groups would fail.
  cgroupsPerQOS: false,
  enforceNodeAllocatable: [],
  // In-place resize crashes without those groups when a pod is deleted by force while it starts.
  featureGates: { InPlacePodVerticalScaling: false },
  failSwapOn: false,
  clusterDNS: [network.dnsServiceAddress],
  clusterDomain: "cluster.local",
  containerRuntimeEndpoint: "unix:///run/containerd/containerd.sock",
  evictionHard: { "nodefs.available": "1%", "imagefs.available": "1%" },
  imageGCHighThresholdPercent: 100,
  serializeImagePulls: false,
  resolvConf: "/dev/null",
  podLogsDir: join(layout.root, "podlogs"),
  volumePluginDir: join(layout.root, "volume-plugins"),
});

const proxy = (layout: Layout) => ({
  apiVersion: "kubeproxy.config.k8s.io/v1alpha1",
  kind: "KubeProxyConfiguration",
  mode: "iptables",
  clusterCIDR: network.podNetwork,
  hostnameOverride: network.nodeName,
  clientConnection: { kubeconfig: join(layout.pki, "proxy.kubeconfig") },
  // Zero leaves the connection table's size alone, which belongs to the whole machine.
  conntrack: { maxPerCore: 0 },
});

const registry = (layout: Layout, secret: string) => ({
  version: 0.1,
  log: { level: "warn" },
  storage: { filesystem: { rootdirectory: join(layout.root, "registry") }, delete: { enabled: true } },
  auth: { htpasswd: { realm: "client registry", path: join(layout.root, "registry.htpasswd") } },
  http: {
    secret,
    addr: `${network.nodeAddress}:${network.registryPort}`,
    tls: { certificate: join(layout.pki, "registry.crt"), key: join(layout.pki, "registry.key") },
  },
});

/** The user that may read and write the client's registry. */
export const registryUser = "client-robot";

/** Writes what containerd, the CNI plugins, kubelet, kube-proxy and the registry read at their start. */
export const writeNodeConfig = async (layout: Layout, registryPassword: string): Promise<void> => {
  const registryHost = `${network.registryHost}:${network.registryPort}`;
  const files: Readonly<Record<string, string>> = {
    "containerd.toml": containerd(layout),
    "cni/10-sandbox.conflist": JSON.stringify(cni(layout), null, 2),
    "kubelet.json": JSON.stringify(kubelet(layout), null, 2),
    "kube-proxy.json": JSON.stringify(proxy(layout), null, 2),
    // docker-registry reads YAML, of which JSON is a part.
    "registry.json": JSON.stringify(registry(layout, randomBytes(16).toString("hex")), null, 2),
    // containerd 1.6 refuses a file without a [host] block, and asks `server` last: what that one answers is what a failed pull reports, so it needs the authority too.
    [`certs.d/${registryHost}/hosts.toml`]: [
      `server = "https://${registryHost}"`,
      `ca = "${layout.registryCa}"`,
      `[host."https://${registryHost}"]`,
      `  ca = "${layout.registryCa}"`,
      "",
    ].join("\n"),
  };
  for (const dir of ["cni", `certs.d/${registryHost}`, "registry", "volumes", "containerd-opt", "volume-plugins"]) {
    mkdirSync(join(layout.root, dir), { recursive: true });
  }
  for (const [name, text] of Object.entries(files)) writeFileSync(join(layout.root, name), text);
  writeFileSync(layout.registryPasswordFile, registryPassword, { mode: 0o600 });
  const htpasswd = await run(["htpasswd", "-niB", registryUser], { input: `${registryPassword}\n` });
  writeFileSync(join(layout.root, "registry.htpasswd"), htpasswd, { mode: 0o600 });
};
