import type { Tunnel } from "./tunnel.ts";

/** One HTTP request of a check. */
export interface ProbeRequest {
  readonly method: "GET" | "POST";
  /** Absolute; host and SNI are its host. */
  readonly url: string;
  /** JSON to send. */
  readonly json?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  /** Milliseconds for the whole answer. */
  readonly deadline: number;
  /** Goes through this tunnel instead of the network. */
  readonly via?: Tunnel;
  /** Connects to this address (and port, where it differs from the URL's) instead of what DNS says. */
  readonly address?: { readonly host: string; readonly port?: number };
  /** PEM of CAs to trust besides this host's. */
  readonly trust?: readonly string[];
}

/** The certificate that a server showed. */
export interface ServedCertificate {
  readonly names: readonly string[];
  readonly issuer: string;
  readonly notAfter: Date;
  /** SHA-256 of the certificate, upper-case hex with colons. */
  readonly fingerprint: string;
  readonly protocol: string;
  /** Why the chain is not trusted; absent when it is. */
  readonly distrust?: string;
}

/** What came back. An answer of any status is an answer; `failed` means that there was none. */
export type ProbeAnswer =
  | {
      readonly kind: "answered";
      readonly status: number;
      readonly headers: Readonly<Record<string, string>>;
      readonly body: string;
      readonly certificate?: ServedCertificate;
    }
  | { readonly kind: "failed"; readonly what: string };

/** Asks over HTTP. Redirects are answers: nothing is followed. Certificates are told, not judged. */
export interface HttpProbe {
  /** Sends one request on a connection of its own. @throws the signal's reason */
  ask(request: ProbeRequest, signal: AbortSignal): Promise<ProbeAnswer>;
}
