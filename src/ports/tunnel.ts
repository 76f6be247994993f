import type { Duplex } from "node:stream";

/** One port of one pod. */
export interface TunnelTarget {
  readonly namespace: string;
  readonly pod: string;
  readonly port: number;
}

/** A way to a pod through the API server: no cluster network and no port on this host is needed. */
export interface Tunnel {
  /** Opens one TCP connection to the pod. @throws Problem TUNNEL_FAILED */
  connect(signal: AbortSignal): Promise<Duplex>;
}

/** Makes tunnels; nothing is opened before the first connection. */
export interface Tunnels {
  to(target: TunnelTarget): Tunnel;
}
