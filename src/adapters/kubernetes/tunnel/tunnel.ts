import { Duplex } from "node:stream";
import type { KubeConfig } from "@kubernetes/client-node/dist/config.js";
import type { WebSocket } from "ws";
import { Problem } from "../../../domain/errors/problem.ts";
import { vital } from "../../../domain/facts/rights.ts";
import type { Tunnels, TunnelTarget } from "../../../ports/tunnel.ts";
import { noProxies, type Proxies } from "../../node/proxies.ts";
import { createWebSockets, refusalOf, type WebSockets } from "../web-sockets.ts";

/**
 * The rights that a tunnel uses. Over WebSocket it is a GET, so that API servers have asked for `get`; newer ones ask for `create`, as they
 * always did of the older protocol.
 */
export const tunnelRights = vital("ask the platform in the smoke test", "get,create pods/portforward");

/** Bytes that may wait to be sent before the writer is slowed down. */
const sendBuffer = 1024 * 1024;

/** Channel numbers of the port-forward protocol with one port. */
const channel = { data: 0, error: 1 } as const;

/** Tunnels through the API server's port-forward over WebSocket, by the proxies that kubectl would use. */
export function createTunnels(config: KubeConfig, proxies: Proxies = noProxies): Tunnels {
  const sockets = createWebSockets(config, proxies);
  return { to: (target) => ({ connect: (signal) => connect(sockets, target, signal) }) };
}

async function connect(sockets: WebSockets, target: TunnelTarget, signal: AbortSignal): Promise<Duplex> {
  const path = `/api/v1/namespaces/${target.namespace}/pods/${target.pod}/portforward?ports=${target.port}`;
  const connection = new Connection();
  // The pod's refusal may come before anybody listens; it is read from `errored` then.
  connection.on("error", () => undefined);
  try {
    connection.attach(await sockets.open(path, (stream, data) => connection.receive(stream, data), signal));
  } catch (error) {
    throw signal.aborted ? signal.reason : tunnelFailed(error, target);
  }
  if (connection.errored !== null) throw tunnelFailed(connection.errored, target);
  signal.addEventListener("abort", () => connection.destroy(), { once: true });
  return connection;
}

/** Frames of one channel as a byte stream. The first frame of each channel repeats the port number in two bytes. */
class Connection extends Duplex {
  private socket: WebSocket | undefined;
  private readonly begun = new Set<number>();

  receive(stream: number, data: Buffer): void {
    const payload = this.begun.has(stream) ? data : data.subarray(2);
    this.begun.add(stream);
    if (stream === channel.data && payload.length > 0) this.push(payload);
    if (stream === channel.error && payload.length > 0) this.destroy(new Error(payload.toString("utf8").trim()));
  }

  attach(socket: WebSocket): void {
    this.socket = socket;
    socket.onclose = () => {
      this.push(null);
      this.end();
    };
    socket.onerror = ({ message }) => this.destroy(new Error(message));
  }

  override _read(): void {
    // The WebSocket pushes; what a check reads is bounded by the reader.
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: (error?: Error | null) => void): void {
    const { socket } = this;
    if (socket === undefined || socket.readyState !== socket.OPEN) {
      done(new Error("the tunnel is closed"));
      return;
    }
    const frame = Buffer.concat([Buffer.from([channel.data]), chunk]);
    // Node's ws gives back-pressure through the callback of send.
    if (socket.bufferedAmount > sendBuffer) socket.send(frame, done);
    else {
      socket.send(frame);
      done();
    }
  }

  override _final(done: () => void): void {
    done();
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    this.socket?.close();
    done(error);
  }
}

function tunnelFailed(error: unknown, { namespace, pod, port }: TunnelTarget): Problem {
  const { message, denied } = refusalOf(error);
  return new Problem("TUNNEL_FAILED", {
    what: `no tunnel to port ${port} of pod ${pod} in ${namespace}: ${message}`,
    ...(denied ? { why: "The user of the kubeconfig lacks the right to get or create pods/portforward." } : {}),
    fix: denied
      ? "Ask the cluster's owner for: get and create on pods/portforward in the namespace."
      : `Try: kubectl -n ${namespace} port-forward ${pod} ${port}`,
  });
}
