import type { Image } from "./oci-image.ts";

/** How a container of a test differs from what its image says. Volumes map a path in the container to a directory of the host. */
export interface ContainerOptions {
  readonly args?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  readonly volumes?: Readonly<Record<string, string>>;
  readonly readOnly?: Readonly<Record<string, string>>;
  /** The pod whose network and sockets it shares, a pod of its own otherwise. */
  readonly pod?: string;
  /** The OCI layout that the image comes from, the laboratory's otherwise. */
  readonly layout?: string;
}

/**
 * The OCI runtime configuration of a container as the chart's pods are restricted: the image's user, a read-only root, no capability, no
 * new privileges. `netns` is the name of the pod's network namespace, `readOnly` maps paths in the container to what is mounted there.
 */
export function runtimeSpec(
  image: Image,
  pod: string,
  netns: string,
  options: ContainerOptions,
  readOnly: Readonly<Record<string, string>>,
): unknown {
  const tmpfs = (destination: string, ...more: readonly string[]) => ({
    destination,
    type: "tmpfs",
    source: "tmpfs",
    options: ["nosuid", ...more],
  });
  const bind = (destination: string, source: string, mode: "ro" | "rw") => ({
    destination,
    type: "bind",
    source,
    options: ["rbind", mode],
  });
  const empty = { bounding: [], effective: [], inheritable: [], permitted: [], ambient: [] };
  return {
    ociVersion: "1.0.2",
    process: {
      terminal: false,
      user: { uid: image.uid, gid: image.uid },
      args: [...image.config.Entrypoint, ...(options.args ?? image.config.Cmd)],
      env: [...image.config.Env, ...Object.entries({ POD_NAME: pod, ...options.env }).map(([name, value]) => `${name}=${value}`)],
      cwd: "/",
      capabilities: empty,
      noNewPrivileges: true,
    },
    root: { path: image.rootfs, readonly: true },
    hostname: pod,
    mounts: [
      { destination: "/proc", type: "proc", source: "proc" },
      tmpfs("/dev", "mode=755", "size=65536k"),
      {
        destination: "/dev/pts",
        type: "devpts",
        source: "devpts",
        options: ["nosuid", "noexec", "newinstance", "ptmxmode=0666", "mode=0620"],
      },
      tmpfs("/dev/shm", "nodev", "noexec", "mode=1777", "size=65536k"),
      tmpfs("/tmp", "nodev", "mode=1777"),
      ...Object.entries(options.volumes ?? {}).map(([path, source]) => bind(path, source, "rw")),
      ...Object.entries(readOnly).map(([path, source]) => bind(path, source, "ro")),
    ],
    linux: {
      namespaces: [{ type: "pid" }, { type: "ipc" }, { type: "uts" }, { type: "mount" }, { type: "network", path: `/run/netns/${netns}` }],
      maskedPaths: ["/proc/kcore", "/proc/keys"],
      readonlyPaths: ["/proc/sys", "/proc/bus", "/proc/irq"],
    },
  };
}
