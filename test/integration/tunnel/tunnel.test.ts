import http from "node:http";
import { type AddressInfo, connect as connectTcp, type Server, type Socket } from "node:net";
import { KubeConfig } from "@kubernetes/client-node/dist/config.js";
import { afterEach, describe, expect, it } from "vitest";
import { WebSocketServer } from "ws";
import { createTunnels } from "../../../src/adapters/kubernetes/tunnel/tunnel.ts";
import { createHttpProbe } from "../../../src/adapters/node/http-probe.ts";

const open: (() => void)[] = [];
afterEach(() => {
  for (const close of open.splice(0)) close();
});

async function listen(server: Server): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  open.push(() => server.close());
  return (server.address() as AddressInfo).port;
}

interface Peer {
  send(data: Buffer): void;
  close(): void;
  on(event: "message", listener: (data: Buffer) => void): void;
  on(event: "close", listener: () => void): void;
}

/** An API server that knows one thing: port-forward as v4.channel.k8s.io, to a real TCP port. */
async function apiServer(pod: number | "refused" | "silent" | "port-closed"): Promise<KubeConfig> {
  const server = http.createServer();
  const sockets = new Set<Socket>();
  server.on("connection", (socket) => sockets.add(socket));
  open.push(() => {
    for (const socket of sockets) socket.destroy();
  });
  const webSockets = new WebSocketServer({ noServer: true, handleProtocols: () => "v4.channel.k8s.io" });
  server.on("upgrade", (request, socket, head) => {
    if (pod === "silent") return;
    if (pod === "refused") return void socket.end("HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n");
    webSockets.handleUpgrade(request, socket, head, (peer: Peer) => forward(peer, pod, new URL(request.url ?? "", "http://x")));
  });
  const port = await listen(server);
  const config = new KubeConfig();
  config.loadFromClusterAndUser({ name: "test", server: `http://127.0.0.1:${port}`, skipTLSVerify: true }, { name: "test" });
  return config;
}

function forward(peer: Peer, pod: number | "port-closed", url: URL): void {
  const wanted = Buffer.alloc(2);
  wanted.writeUInt16LE(Number(url.searchParams.get("ports")));
  for (const channel of [0, 1]) peer.send(Buffer.concat([Buffer.from([channel]), wanted]));
  if (pod === "port-closed") {
    peer.send(Buffer.from(`\u0001error forwarding port: connection refused`));
    return;
  }
  const target = connectTcp({ host: "127.0.0.1", port: pod });
  target.on("data", (data) => peer.send(Buffer.concat([Buffer.from([0]), data])));
  target.on("close", () => peer.close());
  peer.on("message", (data) => target.write(data.subarray(1)));
  peer.on("close", () => target.destroy());
}

const target = { namespace: "client-acme", pod: "backend-0", port: 8000 };
const ask = (config: KubeConfig, path = "/") =>
  createHttpProbe().ask(
    { method: "POST", url: `http://backend-0${path}`, json: { a: 1 }, via: createTunnels(config).to(target), deadline: 5_000 },
    AbortSignal.timeout(10_000),
  );

describe("a tunnel through the API server", () => {
  it("carries requests and large answers byte for byte, one connection each", async () => {
    const large = "x".repeat(300_000);
    const pod = await listen(
      http.createServer(
        (request, response) =>
          void request.resume().on("end", () => response.end(`${request.method} ${request.url} ${request.headers.host} ${large}`)),
      ),
    );
    const config = await apiServer(pod);
    const answers = await Promise.all([ask(config, "/a"), ask(config, "/b")]);
    expect(answers).toEqual(["/a", "/b"].map((path) => expect.objectContaining({ status: 200, body: `POST ${path} backend-0 ${large}` })));
  });

  it("says TUNNEL_FAILED and which right is missing when the API server refuses", async () => {
    const tunnel = createTunnels(await apiServer("refused")).to(target);
    await expect(tunnel.connect(AbortSignal.timeout(5_000))).rejects.toMatchObject({
      code: "TUNNEL_FAILED",
      fix: expect.stringContaining("pods/portforward"),
    });
  });

  it("tells why the pod does not answer", async () => {
    expect(await ask(await apiServer("port-closed"))).toEqual({
      kind: "failed",
      what: expect.stringContaining("error forwarding port: connection refused"),
    });
  });

  it("gives up at the check's deadline or at once when it is cancelled", async () => {
    const silent = await apiServer("silent");
    const late = await createHttpProbe().ask(
      { method: "GET", url: "http://backend-0/", via: createTunnels(silent).to(target), deadline: 300 },
      AbortSignal.timeout(10_000),
    );
    expect(late).toEqual({ kind: "failed", what: "no answer within 0.3 s" });
    const cancelled = new AbortController();
    const waiting = createTunnels(silent).to(target).connect(cancelled.signal);
    cancelled.abort(new Error("stopped by Ctrl-C"));
    await expect(waiting).rejects.toThrow("stopped by Ctrl-C");
  });
});
