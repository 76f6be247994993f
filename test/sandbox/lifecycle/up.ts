import { spawn } from "node:child_process";
import { existsSync, mkdirSync, openSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import type { SandboxDocument, Settings } from "../document.ts";
import { layoutOf, network } from "../layout.ts";
import type { Toolchain } from "../toolchain/ensure.ts";
import { until } from "../until.ts";
import { makeCgroups } from "./cgroups.ts";
import { down } from "./down.ts";
import { childrenOf, namespaceOf } from "./processes.ts";
import { type Identity, identityFile, isRunning, recordedIdentity, status } from "./record.ts";

/** What a sandbox shall be. */
export type UpOptions = {
  readonly name: string;
  /** Processors that the node claims to have. */
  readonly cpus: number;
  readonly mode: Settings["mode"];
  readonly toolchain: Toolchain;
  readonly signal?: AbortSignal;
};

const freePort = (): Promise<number> =>
  new Promise((resolve, reject) => {
    const server = createServer();
    server.once("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      server.close(() => (typeof address === "object" && address ? resolve(address.port) : reject(new Error("no port"))));
    });
  });

const settingsFor = async ({ name, cpus, mode, toolchain }: UpOptions): Promise<Settings> => {
  const common = { name, cpus, mode, binDir: toolchain.binDir, tools: toolchain.elsewhere };
  if (mode === "cluster") {
    return {
      ...common,
      apiServer: { address: network.nodeAddress, port: 6443 },
      etcd: { clientPort: 2379, peerPort: 2380 },
    };
  }
  // A control plane alone stays on the machine's loopback, where a test reaches it without entering a namespace.
  const [port, clientPort, peerPort] = await Promise.all([freePort(), freePort(), freePort()]);
  return { ...common, apiServer: { address: "127.0.0.1", port }, etcd: { clientPort, peerPort } };
};

const launch = async (settings: Settings): Promise<Identity> => {
  const layout = layoutOf(settings.name);
  const output = openSync(join(layout.root, "init.log"), "a");
  const isCluster = settings.mode === "cluster";
  const program = [
    ...["unshare", "--mount", "--pid", ...(isCluster ? ["--net", "--uts", "--ipc"] : []), "--fork", "--kill-child", "--mount-proc", "--"],
    // The first process of a PID namespace has to reap what others leave behind, which a shell does and Node does not.
    ...["bash", "-c", '"$@" & wait "$!"', "sandbox"],
    ...[process.execPath, join(import.meta.dirname, "../node/main.ts"), settings.name],
  ];
  const child = spawn("sh", [join(import.meta.dirname, "enter.sh"), ...(isCluster ? makeCgroups(settings.name) : []), "--", ...program], {
    detached: true,
    stdio: ["ignore", output, output],
    env: { ...process.env, ...toolPath(settings.binDir) },
  });
  child.unref();
  const unshare = child.pid;
  if (unshare === undefined) throw new Error("unshare (util-linux) could not be started");
  const init = await until("the sandbox's first process", () => childrenOf(unshare)[0], { deadlineMs: 10_000, pauseMs: 10 });
  const identity = {
    unshare,
    init,
    namespaces: {
      net: isCluster ? (namespaceOf(init, "net") ?? "") : null,
      mnt: namespaceOf(init, "mnt") ?? "",
      pid: namespaceOf(init, "pid") ?? "",
    },
  };
  writeFileSync(identityFile(settings.name), JSON.stringify(identity, null, 2));
  return identity;
};

/** The PATH with which a sandbox's programs and those run in it find the toolchain first. */
export const toolPath = (binDir: string): { readonly PATH: string } => ({
  PATH: [binDir, process.env.PATH, "/usr/local/sbin", "/usr/sbin", "/sbin"].filter(Boolean).join(":"),
});

/**
 * Starts a sandbox and waits until all of it answers; one of that name that is up already is given as it is.
 * Throws with the reason and the logs' place when it does not come up within 2 minutes; then nothing of it is left running.
 */
export const up = async (options: UpOptions): Promise<SandboxDocument> => {
  const running = status(options.name);
  if (running) return running;
  const layout = layoutOf(options.name);
  const before = recordedIdentity(options.name);
  if (before && isRunning(before))
    throw new Error(`the sandbox ${options.name} is starting or failed to; end it with: sandbox down --name ${options.name}`);
  if (existsSync(layout.root)) await down(options.name);
  mkdirSync(layout.root, { recursive: true, mode: 0o755 });
  const settings = await settingsFor(options);
  writeFileSync(layout.settings, JSON.stringify(settings, null, 2));
  try {
    const identity = await launch(settings);
    return await until(
      `the sandbox ${options.name}`,
      () => {
        if (existsSync(layout.failed)) return new Error(readFileSync(layout.failed, "utf8"));
        if (!isRunning(identity)) return new Error(readFileSync(join(layout.root, "init.log"), "utf8"));
        return status(options.name);
      },
      { deadlineMs: 120_000, ...(options.signal && { signal: options.signal }) },
    ).then((result) => {
      if (result instanceof Error) throw result;
      return result;
    });
  } catch (error) {
    const kept = `${layout.root}.failed-logs`;
    rmSync(kept, { recursive: true, force: true });
    await down(options.name, { keepLogsIn: kept });
    throw new Error(`the sandbox ${options.name} did not come up; its logs are in ${kept}`, { cause: error });
  }
};
