import { type ChildProcess, spawn } from "node:child_process";
import { chown, mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { z } from "zod";
import { run } from "./command.ts";

const descriptorSchema = z.object({
  digest: z.string(),
  platform: z.object({ architecture: z.string() }).optional(),
  annotations: z.record(z.string(), z.string()).optional(),
});
const indexSchema = z.object({ manifests: z.array(descriptorSchema) });
const manifestSchema = z.object({ config: descriptorSchema, layers: z.array(descriptorSchema) });
const configSchema = z.object({
  config: z.object({
    User: z.string(),
    Env: z.array(z.string()),
    Entrypoint: z.array(z.string()),
    Cmd: z.array(z.string()),
    StopSignal: z.string().default("SIGTERM"),
  }),
});

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

interface Image {
  readonly rootfs: string;
  readonly uid: number;
  readonly config: z.infer<typeof configSchema>["config"];
}

/** A running container of the laboratory. */
export class Container {
  readonly name: string;
  readonly #child: ChildProcess;
  readonly #root: string;
  readonly #stopSignal: string;
  #output = "";
  readonly ended: Promise<number>;

  constructor(name: string, child: ChildProcess, root: string, stopSignal: string) {
    this.name = name;
    this.#child = child;
    this.#root = root;
    this.#stopSignal = stopSignal;
    for (const stream of [child.stdout, child.stderr]) stream?.setEncoding("utf8").on("data", (text: string) => (this.#output += text));
    this.ended = new Promise((resolve) => child.on("close", (status) => resolve(status ?? -1)));
  }

  /** Its exit status, or undefined while it runs. */
  get status(): number | undefined {
    return this.#child.exitCode ?? undefined;
  }

  /** Everything it wrote so far, stdout and stderr. */
  get output(): string {
    return this.#output;
  }

  /** What a program in the container prints. Throws CommandFailed on a bad status. */
  exec(...argv: readonly string[]): Promise<string> {
    return run(["runc", "--root", this.#root, "exec", this.name, ...argv]);
  }

  /** Ends it as the kubelet would, and returns its exit status. Throws when it has not ended after `seconds`. */
  async stop(seconds = 30): Promise<number> {
    await this.signal(this.#stopSignal);
    const late = new AbortController();
    const deadline = pause(seconds * 1000, undefined, { signal: late.signal }).then(() => {
      throw new Error(`${this.name} did not end within ${seconds} s of ${this.#stopSignal}`);
    });
    return Promise.race([this.ended, deadline]).finally(() => {
      late.abort();
      deadline.catch(() => undefined);
    });
  }

  /** Ends it as a power cut would. */
  async kill(): Promise<void> {
    await this.signal("SIGKILL");
    await this.ended;
  }

  /** Sends a signal to its first process; one that has ended is left alone. */
  async signal(name: string): Promise<void> {
    if (this.#child.exitCode === null) await run(["runc", "--root", this.#root, "kill", this.name, name]).catch(() => undefined);
  }
}

/**
 * Runs images of an OCI layout under runc as the chart's pods are restricted: the image's user, a read-only root, no capability, no new
 * privileges, each pod with an address on a bridge that nothing outside can reach. Needs root on Linux.
 */
export class PodLab {
  readonly folder: string;
  readonly #layout: string;
  readonly #id: string;
  readonly #images = new Map<string, Promise<Image>>();
  readonly #addresses = new Map<string, string>();
  readonly #containers: Container[] = [];

  private constructor(layout: string, folder: string, id: string) {
    this.#layout = layout;
    this.folder = folder;
    this.#id = id;
  }

  /** A laboratory for the images of a layout; `folder` is its working directory and is removed by close. */
  static async open(layout: string, folder: string): Promise<PodLab> {
    const lab = new PodLab(layout, folder, `mp${process.pid % 100_000}`);
    await rm(folder, { recursive: true, force: true });
    await mkdir(folder, { recursive: true });
    await run(["ip", "netns", "add", lab.#id]);
    await run(["ip", "-n", lab.#id, "link", "add", "br0", "type", "bridge"]);
    await run(["ip", "-n", lab.#id, "link", "set", "br0", "up"]);
    return lab;
  }

  /** Kills what still runs and removes every namespace, mount and file of the laboratory. */
  async close(): Promise<void> {
    await Promise.all(this.#containers.map((container) => container.kill()));
    for (const pod of this.#addresses.keys()) await run(["ip", "netns", "del", this.#netns(pod)]);
    await run(["ip", "netns", "del", this.#id]);
    await rm(this.folder, { recursive: true, force: true });
  }

  /** What all containers wrote so far. */
  output(): string {
    return this.#containers.map((container) => container.output).join("\n");
  }

  /** A directory of the host that a user of the containers may write. */
  async volume(name: string, uid: number): Promise<string> {
    const path = join(this.folder, "volumes", name);
    await mkdir(path, { recursive: true });
    await chown(path, uid, uid);
    return path;
  }

  /** A directory of read-only files, as a ConfigMap, Secret or projected volume is mounted. */
  async files(name: string, content: Readonly<Record<string, string>>): Promise<string> {
    const path = join(this.folder, "files", name);
    await mkdir(path, { recursive: true });
    for (const [file, text] of Object.entries(content)) {
      await mkdir(dirname(join(path, file)), { recursive: true });
      await writeFile(join(path, file), text);
    }
    return path;
  }

  /** Starts a container. The names of all pods with an address resolve in it. */
  async start(name: string, imageName: string, options: ContainerOptions = {}): Promise<Container> {
    const image = await this.#image(options.layout ?? this.#layout, imageName);
    const pod = options.pod ?? name;
    await this.address(pod);
    const bundle = join(this.folder, "bundles", `${name}-${this.#containers.length}`);
    await mkdir(bundle, { recursive: true });
    const hosts = join(bundle, "hosts");
    await writeFile(hosts, ["127.0.0.1 localhost", ...[...this.#addresses].map(([host, address]) => `${address} ${host}`), ""].join("\n"));
    const resolver = join(bundle, "resolv.conf");
    await writeFile(resolver, "nameserver 127.0.0.1\n");
    const mounts = { ...options.readOnly, "/etc/hosts": hosts, "/etc/resolv.conf": resolver };
    await writeFile(join(bundle, "config.json"), JSON.stringify(this.#spec(image, pod, options, mounts)));
    const id = `${this.#id}-${name}-${this.#containers.length}`;
    const root = join(this.folder, "runc");
    const child = spawn("runc", ["--root", root, "run", "--bundle", bundle, id], { stdio: ["ignore", "pipe", "pipe"] });
    const container = new Container(id, child, root, image.config.StopSignal);
    this.#containers.push(container);
    return container;
  }

  /** The address of a pod, which it gets when first asked for. */
  async address(pod: string): Promise<string> {
    const known = this.#addresses.get(pod);
    if (known !== undefined) return known;
    const number = this.#addresses.size + 2;
    const address = `10.77.0.${number}`;
    this.#addresses.set(pod, address);
    const netns = this.#netns(pod);
    await run(["ip", "netns", "add", netns]);
    await run(["ip", "-n", this.#id, "link", "add", `v${number}`, "type", "veth", "peer", "name", "eth0", "netns", netns]);
    await run(["ip", "-n", this.#id, "link", "set", `v${number}`, "master", "br0", "up"]);
    await run(["ip", "-n", netns, "addr", "add", `${address}/24`, "dev", "eth0"]);
    for (const device of ["lo", "eth0"]) await run(["ip", "-n", netns, "link", "set", device, "up"]);
    return address;
  }

  /** The answer of an HTTP server in a pod, asked from inside the network. */
  async http(
    pod: string,
    path: string,
    port: number,
    body?: unknown,
    headers: readonly string[] = [],
  ): Promise<{ readonly status: number; readonly json: unknown; readonly text: string }> {
    const data = body === undefined ? [] : ["-H", "Content-Type: application/json", "-d", JSON.stringify(body)];
    const url = `http://127.0.0.1:${port}${path}`;
    const answer = await run([
      "nsenter",
      `--net=/run/netns/${this.#netns(pod)}`,
      "curl",
      "-sS",
      "--max-time",
      "20",
      "-i",
      "--noproxy",
      "*",
      ...headers.flatMap((one) => ["-H", one]),
      ...data,
      url,
    ]);
    const status = Number(/^HTTP\/[\d.]+ (\d+)/.exec(answer)?.[1]);
    const text = answer.slice(answer.indexOf("\r\n\r\n") + 4);
    const isJson = /^content-type: application\/json/im.test(answer);
    return { status, text: isJson ? text : answer, json: isJson ? JSON.parse(text) : undefined };
  }

  #netns(pod: string): string {
    return `${this.#id}-${pod}`;
  }

  #image(layout: string, name: string): Promise<Image> {
    const key = `${layout}:${name}`;
    const known = this.#images.get(key) ?? this.#unpack(layout, name, join(this.folder, "images", String(this.#images.size)));
    this.#images.set(key, known);
    return known;
  }

  async #unpack(layout: string, name: string, rootfs: string): Promise<Image> {
    const read = async <T>(path: string, schema: z.ZodType<T>): Promise<T> => schema.parse(JSON.parse(await readFile(path, "utf8")));
    const blob = (digest: string): string => join(layout, "blobs", ...digest.split(":"));
    const { manifests } = await read(join(layout, "index.json"), indexSchema);
    const found = manifests.find((one) => one.annotations?.["org.opencontainers.image.ref.name"]?.includes(`/${name}:`));
    if (found === undefined) throw new Error(`no image ${name} in ${layout}`);
    const host = process.arch === "arm64" ? "arm64" : "amd64";
    const index = await read(blob(found.digest), indexSchema);
    const mine = index.manifests.find((one) => one.platform?.architecture === host);
    if (mine === undefined) throw new Error(`image ${name} has no ${host}`);
    const manifest = await read(blob(mine.digest), manifestSchema);
    const { config } = await read(blob(manifest.config.digest), configSchema);
    await mkdir(rootfs, { recursive: true });
    for (const layer of manifest.layers) await run(["tar", "-xzf", blob(layer.digest), "-C", rootfs, "--keep-directory-symlink"]);
    return { rootfs, uid: Number(config.User.split(":")[0]), config };
  }

  #spec(image: Image, pod: string, options: ContainerOptions, readOnly: Readonly<Record<string, string>>): unknown {
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
        namespaces: [
          { type: "pid" },
          { type: "ipc" },
          { type: "uts" },
          { type: "mount" },
          { type: "network", path: `/run/netns/${this.#netns(pod)}` },
        ],
        maskedPaths: ["/proc/kcore", "/proc/keys"],
        readonlyPaths: ["/proc/sys", "/proc/bus", "/proc/irq"],
      },
    };
  }
}

/** What `attempt` returns as soon as it returns something; a throw counts as nothing yet. Throws at the deadline, with the last cause. */
export async function eventually<T>(what: string, seconds: number, attempt: () => Promise<T | undefined | false>): Promise<T> {
  const deadline = performance.now() + seconds * 1000;
  let last: unknown;
  for (;;) {
    try {
      const found = await attempt();
      if (found !== undefined && found !== false) return found;
    } catch (error) {
      last = error;
    }
    if (performance.now() > deadline) throw new Error(`${what}: not within ${seconds} s`, { cause: last });
    await pause(200);
  }
}
