import { type ChildProcess, execFile, execFileSync, spawn } from "node:child_process";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import type { AddressInfo } from "node:net";
import { connect, createServer, type Server, type Socket } from "node:net";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type RunningRegistry, startDockerRegistry } from "../../fakes/docker-registry.ts";
import { type MadeBundle, makeBundle } from "../../fakes/made-bundle.ts";

const main = new URL("../../../src/cli/main.ts", import.meta.url).pathname;
let registry: RunningRegistry;
let made: MadeBundle;
let flags: readonly string[];

beforeAll(async () => {
  registry = await startDockerRegistry();
  made = await makeBundle({ seed: 31, layerSize: 6_000_000 });
  const password = join(made.folder, "password");
  writeFileSync(password, `${registry.password}\n`);
  writeFileSync(join(made.folder, "ca.pem"), registry.caPem);
  flags = ["--registry-username", registry.username, "--registry-password-file", password, "--registry-ca", join(made.folder, "ca.pem")];
});
afterAll(async () => {
  await registry?.stop();
  made?.remove();
});

interface Ran {
  readonly status: number | string | null;
  readonly stdout: string;
  readonly stderr: string;
}

function run(args: readonly string[], wrapper: readonly string[] = []): Promise<Ran> {
  const [command = "", ...rest] = [...wrapper, process.execPath, main, ...args];
  return new Promise((resolve) => {
    const child = execFile(command, rest, { env: environment(), cwd: made.folder }, (_error, stdout, stderr) =>
      resolve({ status: child.exitCode ?? child.signalCode, stdout, stderr }),
    );
  });
}

/** Nothing of the person who runs the tests: no answers, no terminal colours. */
function environment(): NodeJS.ProcessEnv {
  return { PATH: process.env["PATH"], HOME: made.folder, NO_COLOR: "1" };
}

describe("bundle create, inspect, verify and push as a person types them", () => {
  it("go from an OCI layout to images in a real registry", async () => {
    const out = join(made.folder, "typed.tar");
    const created = await run(["bundle", "create", "--release", made.release, "--oci-layout", made.layout, "--out", out]);
    expect([created.status, created.stderr]).toEqual([0, expect.any(String)]);
    expect(readFileSync(out).equals(readFileSync(made.path))).toBe(true);
    const inspected = JSON.parse((await run(["bundle", "inspect", out, "--json"])).stdout);
    expect(inspected).toMatchObject({
      kind: "BundleSummary",
      digest: made.summary.digest,
      release: { version: "1.0.0", schema: { to: "0001" } },
    });
    expect((await run(["bundle", "verify", out])).stdout).toContain(made.summary.digest);
    const planned = await run(["bundle", "push", out, "--registry", `${registry.host}/typed`, ...flags, "--dry-run", "--json"]);
    expect(JSON.parse(planned.stdout)).toMatchObject({
      kind: "BundlePush",
      dryRun: true,
      plan: { images: [{ state: "missing" }, { state: "missing" }, { state: "missing" }] },
    });
    const pushed = await run(["bundle", "push", out, "--registry", `${registry.host}/typed`, ...flags, "--json"]);
    expect(JSON.parse(pushed.stdout).result.references).toHaveLength(3);
    expect(pushed.stdout + pushed.stderr).not.toContain(registry.password);
  });

  it("make a bundle from a registry that has the very bytes of the one from a layout", async () => {
    const out = join(made.folder, "pulled.tar");
    const args = [
      "--release",
      made.release,
      "--lock",
      join(made.layout, "images.lock.json"),
      "--registry",
      `${registry.host}/typed`,
      ...flags,
      "--out",
      out,
    ];
    const { status, stderr } = await run(["bundle", "create", ...args]);
    expect([status, stderr]).toEqual([0, expect.any(String)]);
    expect(readFileSync(out).equals(readFileSync(made.path))).toBe(true);
  });

  it("name what was altered, on several cores, and exit 7", async () => {
    const path = join(made.folder, "altered.tar");
    const content = readFileSync(made.path);
    const position = content.length - 3_000_000;
    content.writeUInt8((content[position] ?? 0) ^ 1, position);
    writeFileSync(path, content);
    const { status, stderr } = await run(["bundle", "verify", path]);
    expect([status, stderr]).toEqual([7, expect.stringMatching(/BUNDLE_ALTERED.*blobs\/sha256\/[0-9a-f]{64}/)]);
    expect(stderr).not.toMatch(/^\s+at /m);
  });

  it.each([
    [
      "a wrong password",
      7,
      "REGISTRY_UNAUTHORIZED",
      () => flags.map((flag) => (flag.endsWith("/password") ? join(made.release, "release.yaml") : flag)),
    ],
    ["an unknown CA", 7, "REGISTRY_UNTRUSTED", () => flags.slice(0, 4)],
    ["an address with a scheme", 2, "ANSWERS_INVALID", () => flags],
  ])("tell %s by exit status %i and %s", async (what, status, code, more) => {
    const host = what === "an address with a scheme" ? `https://${registry.host}` : registry.host;
    const ran = await run(["bundle", "push", made.path, "--registry", host, ...more(), "--json"]);
    expect(ran.status).toBe(status);
    expect(JSON.parse(ran.stdout)).toMatchObject({ error: { code, exit: status } });
    expect(ran.stdout + ran.stderr).not.toContain(registry.password);
  });

  it("tell with --dry-run what create would write, and write nothing", async () => {
    const out = join(made.folder, "dry.tar");
    const args = ["bundle", "create", "--release", made.release, "--oci-layout", made.layout, "--out", out, "--dry-run"];
    const { status, stdout } = await run([...args, "--json"]);
    expect(status).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ kind: "BundleCreated", dryRun: true, size: made.summary.size, digest: made.summary.digest });
    expect((await run(args)).stdout).toMatch(/^would write\n.*vendor\/web:1\.0\.0.*nothing was written\n$/s);
    expect(readdirSync(made.folder).filter((name) => name.startsWith("dry.tar"))).toEqual([]);
  });

  it("say that the disk is full before anything is written, and leave nothing behind", async () => {
    const script = 'mount -t tmpfs -o size=2m tmpfs "$0"; "$@"; status=$?; ls "$0"; exit $status';
    const mounted = join(made.folder, "full");
    execFileSync("mkdir", ["-p", mounted]);
    const { status, stdout, stderr } = await run(
      ["bundle", "create", "--release", made.release, "--oci-layout", made.layout, "--out", join(mounted, "b.tar")],
      ["unshare", "--map-root-user", "--mount", "sh", "-c", script, mounted],
    );
    expect([status, stdout, stderr]).toEqual([7, "", expect.stringContaining("BUNDLE_DISK_FULL")]);
  });

  it("say so too when the file system takes no file of that size (write refused by the kernel)", async () => {
    const out = join(made.folder, "limited.tar");
    const { status, stderr } = await run(
      ["bundle", "create", "--release", made.release, "--oci-layout", made.layout, "--out", out],
      ["prlimit", "--fsize=1000000"],
    );
    expect([status, stderr]).toEqual([7, expect.stringContaining("BUNDLE_DISK_FULL")]);
    expect(readdirSync(made.folder).filter((name) => name.startsWith("limited.tar"))).toEqual([]);
  });

  it("go on after kill -9 with what is missing: both runs together send little more than the bundle", async () => {
    const meter = await Meter.start(registry.host);
    const target = ["bundle", "push", made.path, "--registry", `${meter.host}/killed`, ...flags];
    const child: ChildProcess = spawn(process.execPath, [main, ...target], { env: environment(), cwd: made.folder, stdio: "ignore" });
    const ended = new Promise((resolve) => child.once("exit", (_code, signal) => resolve(signal)));
    meter.at(made.summary.blobBytes * 0.6, () => child.kill("SIGKILL"));
    expect(await ended).toBe("SIGKILL");
    const first = meter.sent;
    meter.reset();
    const { status, stdout } = await run([...target, "--json"]);
    expect(status).toBe(0);
    const { plan, result } = JSON.parse(stdout);
    expect(result.sentBytes).toBe(plan.bytes);
    expect(plan.bytes).toBeLessThan(made.summary.blobBytes);
    expect(meter.sent).toBeLessThan(plan.bytes * 1.02 + 200_000);
    console.log(`killed after ${first} bytes of ${made.summary.blobBytes}; the second run sent ${meter.sent} (planned ${plan.bytes})`);
    meter.stop();
  });
});

describe("bundle create, twice with one --out", () => {
  const fromLayout = (out: string) => ["bundle", "create", "--release", made.release, "--oci-layout", made.layout, "--out", out];
  const leftBeside = (out: string) => readdirSync(made.folder).filter((name) => join(made.folder, name).startsWith(`${out}.`));

  /** A create that stands still in the middle of its first layers, because its registry does. */
  async function heldCreate(
    out: string,
  ): Promise<{ readonly child: ChildProcess; readonly meter: Meter; readonly ended: Promise<unknown> }> {
    const pushed = await run(["bundle", "push", made.path, "--registry", `${registry.host}/held`, ...flags]);
    expect(pushed.status).toBe(0);
    const meter = await Meter.start(registry.host);
    const lock = ["--lock", join(made.layout, "images.lock.json")];
    const args = ["bundle", "create", "--release", made.release, ...lock, "--registry", `${meter.host}/held`, ...flags, "--out", out];
    const standing = meter.holdAfter(made.summary.blobBytes * 0.4);
    const child = spawn(process.execPath, [main, ...args], { env: environment(), cwd: made.folder, stdio: "ignore" });
    const ended = new Promise((resolve) => child.once("exit", (code, signal) => resolve(signal ?? code)));
    await Promise.race([standing, ended]);
    expect(leftBeside(out)).toHaveLength(1);
    return { child, meter, ended };
  }

  it("tells the second which process is writing, and the first ends with a whole bundle", async () => {
    const out = join(made.folder, "both.tar");
    const { child, meter, ended } = await heldCreate(out);
    const second = await run([...fromLayout(out), "--json"]);
    expect(second.status).toBe(7);
    const { error } = JSON.parse(second.stdout);
    expect([error.code, error.what]).toEqual(["BUNDLE_BUSY", expect.stringContaining(`process ${child.pid} since`)]);
    meter.release();
    expect(await ended).toBe(0);
    meter.stop();
    expect(readFileSync(out).equals(readFileSync(made.path))).toBe(true);
    expect(leftBeside(out)).toEqual([]);
  });

  it("after kill -9 of the first makes the bundle and removes what the first left", async () => {
    const out = join(made.folder, "killed.tar");
    const { child, meter, ended } = await heldCreate(out);
    child.kill("SIGKILL");
    expect(await ended).toBe("SIGKILL");
    meter.stop();
    expect(leftBeside(out)).toHaveLength(1);
    expect((await run(fromLayout(out))).status).toBe(0);
    expect(leftBeside(out)).toEqual([]);
    expect((await run(["bundle", "verify", out])).stdout).toContain(made.summary.digest);
  });

  it("four at the same moment: some write, the others are told, and the bundle is whole", async () => {
    const out = join(made.folder, "four.tar");
    const ran = await Promise.all(Array.from({ length: 4 }, () => run([...fromLayout(out), "--json"])));
    const codes = ran.map(({ status, stdout }) => (status === 0 ? "ok" : JSON.parse(stdout).error.code));
    expect(codes).toContain("ok");
    expect(codes.filter((code) => code !== "ok" && code !== "BUNDLE_BUSY")).toEqual([]);
    expect(readFileSync(out).equals(readFileSync(made.path))).toBe(true);
    expect(leftBeside(out)).toEqual([]);
  });
});

/** Passes bytes through to the registry, counts those that clients send, and can hold back those that they get. */
class Meter {
  sent = 0;
  private limit = Number.POSITIVE_INFINITY;
  private round = 0;
  private reached = () => {};
  private answersLeft = Number.POSITIVE_INFINITY;
  private standing = () => {};
  private readonly held: (() => void)[] = [];
  private readonly server: Server;
  private readonly sockets = new Set<Socket>();

  private constructor(target: string) {
    const [host = "", port = ""] = target.split(":");
    this.server = createServer((client) => {
      const upstream = connect(Number(port), host);
      for (const socket of [client, upstream]) {
        this.sockets.add(socket);
        socket.on("error", () => undefined);
      }
      // What a killed client left in the socket's buffers comes later and is not the next one's.
      const { round } = this;
      client.on("data", (chunk: Buffer) => round === this.round && this.count(chunk.length));
      client.pipe(upstream);
      upstream.on("data", (chunk: Buffer) => this.answer(client, upstream, chunk));
      upstream.on("end", () => client.end());
    });
  }

  static async start(target: string): Promise<Meter> {
    const meter = new Meter(target);
    await new Promise<void>((resolve) => meter.server.listen(0, "127.0.0.1", resolve));
    return meter;
  }

  get host(): string {
    return `localhost:${(this.server.address() as AddressInfo).port}`;
  }

  at(bytes: number, reached: () => void): void {
    this.limit = bytes;
    this.reached = reached;
  }

  /** Gives no byte more to any client once they got that many, until {@link release}; fulfilled when it stands. */
  holdAfter(bytes: number): Promise<void> {
    this.answersLeft = bytes;
    return new Promise((resolve) => {
      this.standing = resolve;
    });
  }

  release(): void {
    this.answersLeft = Number.POSITIVE_INFINITY;
    for (const give of this.held.splice(0)) give();
  }

  /** Counts from zero, and only what comes over new connections. */
  reset(): void {
    this.round += 1;
    this.sent = 0;
    this.limit = Number.POSITIVE_INFINITY;
  }

  stop(): void {
    for (const socket of this.sockets) socket.destroy();
    this.server.close();
  }

  private answer(client: Socket, upstream: Socket, chunk: Buffer): void {
    this.answersLeft -= chunk.length;
    upstream.pause();
    const give = () => void client.write(chunk, () => upstream.resume());
    if (this.answersLeft > 0) {
      give();
      return;
    }
    this.held.push(give);
    this.standing();
  }

  private count(bytes: number): void {
    this.sent += bytes;
    if (this.sent >= this.limit) {
      this.limit = Number.POSITIVE_INFINITY;
      this.reached();
    }
  }
}
