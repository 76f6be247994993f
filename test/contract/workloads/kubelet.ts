import { readFileSync } from "node:fs";
import { createServer, type Server } from "node:https";
import { join } from "node:path";
import type { SandboxDocument } from "../../sandbox/index.ts";

/** What the API server asks of a kubelet for `kubectl logs`: the last lines of a container, and nothing else. */
export class LogKubelet {
  readonly port: number;
  private readonly server: Server;
  private readonly logs: Map<string, readonly string[]>;

  private constructor(server: Server, port: number, logs: Map<string, readonly string[]>) {
    this.server = server;
    this.port = port;
    this.logs = logs;
  }

  /** Listens on loopback with a certificate of the cluster's own authority, which is for that address. */
  static async start({ stateDir }: SandboxDocument): Promise<LogKubelet> {
    const part = (extension: string) => readFileSync(join(stateDir, "pki", `apiserver.${extension}`));
    const logs = new Map<string, readonly string[]>();
    const server = createServer({ cert: part("crt"), key: part("key") }, (request, response) => {
      const url = new URL(request.url ?? "", "https://kubelet");
      const [, endpoint, namespace, pod, container] = url.pathname.split("/");
      const run = url.searchParams.get("previous") === "true" ? "previous" : "current";
      const lines = logs.get(`${namespace}/${pod}/${container}/${run}`);
      if (endpoint !== "containerLogs" || lines === undefined) {
        response.writeHead(400).end(`${run} container "${container}" in pod "${pod}" not found`);
        return;
      }
      const text = lines.slice(-Number(url.searchParams.get("tailLines"))).map((line) => `${line}\n`);
      response.end(text.join("").slice(0, Number(url.searchParams.get("limitBytes"))));
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const address = server.address();
    if (address === null || typeof address === "string") throw new Error("no port");
    return new LogKubelet(server, address.port, logs);
  }

  /** Keeps the lines of `pod/container/current` or `…/previous`. */
  keep(namespace: string, source: string, lines: readonly string[]): void {
    this.logs.set(`${namespace}/${source}`, lines);
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }
}
