import { type ChildProcess, spawn } from "node:child_process";
import { chown, mkdir, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { run } from "./command.ts";
import { Container } from "./container.ts";
import { type Image, unpackImage } from "./oci-image.ts";
import { type ContainerOptions, runtimeSpec } from "./runtime-spec.ts";

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
  readonly #servers: ChildProcess[] = [];

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
    for (const server of this.#servers) server.kill("SIGKILL");
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
    await writeFile(join(bundle, "config.json"), JSON.stringify(runtimeSpec(image, pod, this.#netns(pod), options, mounts)));
    const id = `${this.#id}-${name}-${this.#containers.length}`;
    const root = join(this.folder, "runc");
    const child = spawn("runc", ["--root", root, "run", "--bundle", bundle, id], { stdio: ["ignore", "pipe", "pipe"] });
    const container = new Container(id, child, root, image.config.StopSignal);
    this.#containers.push(container);
    return container;
  }

  /** Runs a program of this machine, not of an image, in the network of a pod, until the laboratory is closed. */
  async serve(pod: string, ...argv: readonly string[]): Promise<void> {
    await this.address(pod);
    const child = spawn("ip", ["netns", "exec", this.#netns(pod), ...argv], { stdio: "ignore" });
    this.#servers.push(child);
  }

  /** Runs a program of this machine in the network of a pod to its end, and returns its stdout. Throws CommandFailed on a bad status. */
  async run(pod: string, ...argv: readonly string[]): Promise<string> {
    await this.address(pod);
    return run(["ip", "netns", "exec", this.#netns(pod), ...argv]);
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
    const known = this.#images.get(key) ?? unpackImage(layout, name, join(this.folder, "images", String(this.#images.size)));
    this.#images.set(key, known);
    return known;
  }
}
