import { join } from "node:path";

/** Where the instance called `name` keeps everything it writes; nothing of an instance lies outside of it. */
export const stateDir = (name: string): string => join("/var/lib/migratectl-sandbox", name);

/** Directories outside of the state directory that daemons write to; each instance lays one of its own over them. */
export const privateDirectories = ["/var/lib/cni", "/var/lib/kubelet"] as const;

/** The path of an instance's control group below the root of every hierarchy; inside the sandbox it is the root. */
export const cgroupPath = (name: string): string => join("/migratectl-sandbox", name);

/** Paths of one instance, all below its state directory. */
export const layoutOf = (name: string) => {
  const root = stateDir(name);
  return {
    root,
    pki: join(root, "pki"),
    logs: join(root, "log"),
    kubeconfigs: { admin: join(root, "admin.kubeconfig"), namespaced: join(root, "namespaced.kubeconfig") },
    registryCa: join(root, "registry-ca.crt"),
    registryPasswordFile: join(root, "registry-password"),
    ingressConfig: join(root, "ingress"),
    volumes: join(root, "volumes"),
    ready: join(root, "sandbox.json"),
    failed: join(root, "failed.txt"),
    daemons: join(root, "daemons.json"),
    settings: join(root, "settings.json"),
  } as const;
};

/** Paths of one instance. */
export type Layout = ReturnType<typeof layoutOf>;

/** The addresses and names of a sandbox's network, the same in every instance because each has a network of its own. */
export const network = {
  nodeName: "node-1",
  nodeAddress: "10.200.0.1",
  podSubnet: "10.244.0.0/24",
  podNetwork: "10.244.0.0/16",
  serviceNetwork: "10.96.0.0/16",
  apiServiceAddress: "10.96.0.1",
  dnsServiceAddress: "10.96.0.10",
  registryHost: "registry.client.example",
  registryPort: 5000,
  ingressHost: "migrate.client.example",
  ingressNamespace: "ingress-nginx",
  namespacedUser: "acme-admin",
  clientNamespace: "client-acme",
} as const;
