import type { KubeConfig } from "@kubernetes/client-node/dist/config.js";
import { WebSocketHandler } from "@kubernetes/client-node/dist/web-socket-handler.js";
import { WebSocket } from "ws";
import { createAgents } from "../node/proxied-agents.ts";
import type { Proxies } from "../node/proxies.ts";
import { clusterProxies } from "./cluster-proxies.ts";

/** Milliseconds within which the API server must open a WebSocket. */
const openDeadline = 15_000;

/** Gets the frames of one WebSocket: channel number and payload. */
type Receive = (channel: number, payload: Buffer) => void;

/**
 * WebSockets of the API server's streaming subresources (`portforward`, `exec`), through the proxies that kubectl would use. client-node's
 * PortForward and Exec classes are not used: they load the generated models (130 MB) for calls that are not needed here; its
 * WebSocketHandler is what does the work.
 */
export interface WebSockets {
  /**
   * Opens the subresource at this path with query.
   * @throws the signal's reason when it aborts, else whatever the handshake ended with; {@link refusalOf} reads it
   */
  open(path: string, receive: Receive, signal: AbortSignal): Promise<WebSocket>;
}

/** Opens WebSockets to the cluster of this kubeconfig. */
export function createWebSockets(config: KubeConfig, proxies: Proxies): WebSockets {
  const agents = createAgents({ proxies: clusterProxies(config, proxies), options: {} });
  return {
    async open(path, receive, signal) {
      const agent = agents.for(new URL(config.getCurrentCluster()?.server ?? ""));
      const handler = new WebSocketHandler(config, (uri, protocols, options) => new WebSocket(uri, protocols, { ...options, agent }));
      const opening: Promise<WebSocket> = handler.connect(path, null, (channel, payload) => {
        receive(channel, payload);
        return true;
      });
      return await inTime(opening, signal);
    },
  };
}

/** Why a WebSocket was not opened; `denied` when the user may not. */
export interface Refusal {
  readonly message: string;
  readonly denied: boolean;
}

/** Reads what {@link WebSockets} threw: WebSocket errors are events with a message, not Errors. */
export function refusalOf(error: unknown): Refusal {
  const message = messageOf(error);
  return { message, denied: message.includes("403") };
}

function messageOf(error: unknown): string {
  if (error instanceof DOMException && error.name === "TimeoutError")
    return `the API server did not open it within ${openDeadline / 1000} s`;
  if (typeof error === "object" && error !== null && "message" in error && typeof error.message === "string") return error.message;
  return String(error);
}

async function inTime(opening: Promise<WebSocket>, signal: AbortSignal): Promise<WebSocket> {
  const limit = AbortSignal.any([signal, AbortSignal.timeout(openDeadline)]);
  const stopped = Promise.withResolvers<never>();
  const stop = () => stopped.reject(limit.reason);
  limit.addEventListener("abort", stop, { once: true });
  try {
    limit.throwIfAborted();
    return await Promise.race([opening, stopped.promise]);
  } catch (error) {
    // One that opens after all has nobody to use it.
    opening.then(
      (socket) => socket.close(),
      () => undefined,
    );
    throw signal.aborted ? signal.reason : error;
  } finally {
    limit.removeEventListener("abort", stop);
  }
}
