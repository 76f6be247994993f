import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import type { AddressInfo } from "node:net";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { createAuthority } from "./certificates.ts";

/** A real docker-registry (Debian's package) on the loopback interface: TLS from a CA of its own and a password. */
export interface RunningRegistry {
  readonly host: string;
  readonly caPem: string;
  readonly username: string;
  readonly password: string;
  /** Folder of its storage. */
  readonly data: string;
  /** What it logged. */
  log(): string;
  stop(): Promise<void>;
}

/** bcrypt of the password below: docker-registry takes no other kind. */
const htpasswd = "push:$2y$05$abcdefghijklmnopqrstuuHNbAKRhpaujgo33bRWs.NLUTJO3lOy2\n";

/** Starts a registry with an empty store. @throws Error that names the package when docker-registry is not installed */
export async function startDockerRegistry(options: { readonly data?: string } = {}): Promise<RunningRegistry> {
  const folder = mkdtempSync(join(tmpdir(), "migratectl-registry-"));
  const file = (name: string, content: string) => {
    writeFileSync(join(folder, name), content);
    return join(folder, name);
  };
  const authority = createAuthority("Registry Test CA");
  const { cert, key } = authority.issue(["localhost", "127.0.0.1"]);
  const port = await freePort();
  const data = options.data ?? join(folder, "data");
  const config = {
    version: 0.1,
    log: { level: "warn" },
    storage: { filesystem: { rootdirectory: data }, delete: { enabled: true } },
    http: { addr: `127.0.0.1:${port}`, tls: { certificate: file("server.pem", cert), key: file("server.key", key) } },
    auth: { htpasswd: { realm: "client", path: file("htpasswd", htpasswd) } },
  };
  const child = spawn("docker-registry", ["serve", file("config.json", JSON.stringify(config))], { stdio: ["ignore", "pipe", "pipe"] });
  const log: string[] = [];
  child.stdout.on("data", (chunk: Buffer) => log.push(chunk.toString()));
  child.stderr.on("data", (chunk: Buffer) => log.push(chunk.toString()));
  const stop = async () => {
    await ended(child);
    rmSync(folder, { recursive: true, force: true });
  };
  await listening(child, port, log).catch(async (error: unknown) => {
    await stop();
    throw error;
  });
  return {
    host: `localhost:${port}`,
    caPem: authority.pem,
    username: "push",
    password: "correct horse",
    data,
    log: () => log.join(""),
    stop,
  };
}

async function listening(child: ChildProcess, port: number, log: readonly string[]): Promise<void> {
  const failed = new Promise<never>((_, reject) => {
    child.once("error", (cause) =>
      reject(new Error("docker-registry cannot be started; install it with: apt-get install docker-registry", { cause })),
    );
    child.once("exit", (code) => reject(new Error(`docker-registry ended with ${String(code)}: ${log.join("")}`)));
  });
  const deadline = Date.now() + 15_000;
  const answers = async () => {
    while (Date.now() < deadline) {
      const open = await fetch(`http://127.0.0.1:${port}/v2/`).then(
        () => true,
        () => false,
      );
      if (open) return;
      await pause(50);
    }
    throw new Error(`docker-registry did not listen within 15 s: ${log.join("")}`);
  };
  await Promise.race([answers(), failed]);
}

function ended(child: ChildProcess): Promise<void> {
  return new Promise((resolve) => {
    if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined) return resolve();
    child.once("exit", () => resolve());
    child.kill("SIGTERM");
  });
}

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer().listen(0, "127.0.0.1", () => {
      const { port } = server.address() as AddressInfo;
      server.close(() => resolve(port));
    });
  });
}
