import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Settings } from "../document.ts";
import { cgroupPath, type Layout, network, privateDirectories } from "../layout.ts";
import { parseHierarchies } from "../lifecycle/cgroups.ts";
import { run } from "../run.ts";

const bind = (from: string, onto: string) => run(["mount", "--bind", from, onto]);

/**
 * Kernel settings that the kubelet would write although they belong to the whole machine. A file with the wanted value
 * is laid over each, so that the kubelet finds nothing to change.
 */
const kubeletWants = {
  "vm/overcommit_memory": "1",
  "vm/panic_on_oom": "0",
  "kernel/panic": "10",
  "kernel/panic_on_oops": "1",
  "kernel/keys/root_maxkeys": "1000000",
  "kernel/keys/root_maxbytes": "25000000",
} as const;

const hideKernelSettings = async (root: string): Promise<void> => {
  for (const [name, value] of Object.entries(kubeletWants)) {
    const file = join(root, "sysctl", name.replaceAll("/", "."));
    writeFileSync(file, `${value}\n`);
    await bind(file, join("/proc/sys", name));
  }
};

/** Lays a description of `cpus` processors over the machine's own: requests are shares, so pods run all the same, only slower. */
const claimProcessors = async (root: string, cpus: number): Promise<void> => {
  const description = join(root, "sys-cpu");
  for (let cpu = 0; cpu < cpus; cpu += 1) {
    const topology = join(description, `cpu${cpu}`, "topology");
    mkdirSync(topology, { recursive: true });
    writeFileSync(join(topology, "core_id"), `${cpu}\n`);
    writeFileSync(join(topology, "physical_package_id"), "0\n");
  }
  for (const name of ["online", "present", "possible"]) writeFileSync(join(description, name), `0-${cpus - 1}\n`);
  await bind(description, "/sys/devices/system/cpu");
  if (existsSync("/sys/devices/system/node")) {
    mkdirSync(join(root, "sys-node"), { recursive: true });
    await bind(join(root, "sys-node"), "/sys/devices/system/node");
  }
};

const hosts = [
  "127.0.0.1 localhost",
  "::1 localhost",
  `${network.nodeAddress} ${network.nodeName} ${network.registryHost} ${network.ingressHost}`,
];

/** Lays the sandbox's own control group over the root of every hierarchy; its cgroup namespace calls that group the root. */
const showOwnCgroups = async (name: string): Promise<void> => {
  for (const { mountPoint } of parseHierarchies(readFileSync("/proc/self/mountinfo", "utf8"))) {
    await bind(join(mountPoint, cgroupPath(name)), mountPoint);
  }
};

/** Makes the mount namespace that this process is in look like the node: what daemons write outside of their own directories is private to it. */
export const prepareMounts = async (layout: Layout, settings: Settings): Promise<void> => {
  for (const dir of ["sysctl", "varlog", "log"]) mkdirSync(join(layout.root, dir), { recursive: true });
  // Containers get their mounts through shared propagation; unshare made everything private to the sandbox before.
  await run(["mount", "--make-rshared", "/"]);
  await run(["mount", "-t", "tmpfs", "-o", "mode=755", "sandbox-run", "/run"]);
  mkdirSync("/run/lock");
  await bind(join(layout.root, "varlog"), "/var/log");
  writeFileSync(join(layout.root, "hosts"), `${hosts.join("\n")}\n`);
  await bind(join(layout.root, "hosts"), "/etc/hosts");
  for (const path of privateDirectories) {
    mkdirSync(path, { recursive: true });
    const own = join(layout.root, "private", path);
    mkdirSync(own, { recursive: true });
    await bind(own, path);
  }
  await showOwnCgroups(settings.name);
  await hideKernelSettings(layout.root);
  await claimProcessors(layout.root, settings.cpus);
};

/** Makes the node's network inside the network namespace that this process is in. */
export const prepareNetwork = async (): Promise<void> => {
  const ip = (...args: readonly string[]) => run(["ip", ...args]);
  await ip("link", "set", "lo", "up");
  writeFileSync("/proc/sys/net/ipv4/ip_forward", "1\n");
  // The kernel has no dummy device; a bridge without ports stands in for the node's network card.
  await ip("link", "add", "node0", "type", "bridge");
  await ip("address", "add", `${network.nodeAddress}/24`, "dev", "node0");
  await ip("link", "set", "node0", "up");
  await ip("route", "add", "default", "dev", "node0");
};
