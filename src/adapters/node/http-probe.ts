import http from "node:http";
import https from "node:https";
import { isIP } from "node:net";
import { createSecureContext, getCACertificates, type PeerCertificate, type SecureContext, type TLSSocket } from "node:tls";
import { Problem } from "../../domain/errors/problem.ts";
import type { HttpProbe, ProbeAnswer, ProbeRequest, ServedCertificate } from "../../ports/http-probe.ts";
import { type Agents, createAgents } from "./proxied-agents.ts";
import { noProxies, type Proxies, shownProxy } from "./proxies.ts";

/** Bytes of a body that are read; no check needs more. */
const longestBody = 1024 * 1024;

/**
 * Asks with Node's own HTTP: one connection per request, nothing followed, every answer bounded in time and size. What is not asked through
 * a tunnel goes through the proxies that are given.
 */
export function createHttpProbe(proxies: Proxies = noProxies): HttpProbe {
  return {
    async ask(request, signal) {
      signal.throwIfAborted();
      const limit = AbortSignal.any([signal, AbortSignal.timeout(request.deadline)]);
      const way = wayTo(request, proxies);
      try {
        return await exchange(request, way, limit);
      } catch (error) {
        if (signal.aborted) throw signal.reason;
        return { kind: "failed", what: failure(error, request, way, limit.aborted) };
      } finally {
        way.agents.close();
      }
    },
  };
}

/** What a request connects to, and through which proxy. */
interface Way {
  readonly host: string;
  readonly port: string | number;
  readonly proxy: URL | undefined;
  readonly agents: Agents;
}

/**
 * A proxy is left out when it is for the name or for the address. Through one, plain HTTP goes by the name even where an address is given:
 * it is the proxy that connects then, and it knows the name only.
 */
function wayTo({ url: text, address, via }: ProbeRequest, proxies: Proxies): Way {
  const url = new URL(text);
  const name = { host: url.hostname.replace(/^\[|\]$/g, ""), port: url.port || (url.protocol === "https:" ? 443 : 80) };
  const place = { host: address?.host ?? name.host, port: address?.port ?? name.port };
  const proxy = via === undefined && proxies(urlOf(url.protocol, place)) !== undefined ? proxies(url) : undefined;
  const agents = createAgents({ proxies: () => proxy, options: { keepAlive: false } });
  return { ...(proxy !== undefined && url.protocol === "http:" ? name : place), proxy, agents };
}

function urlOf(protocol: string, { host, port }: { readonly host: string; readonly port: string | number }): URL {
  return new URL(`${protocol}//${isIP(host) === 6 ? `[${host}]` : host}:${port}`);
}

async function exchange(request: ProbeRequest, { host, port, agents }: Way, signal: AbortSignal): Promise<ProbeAnswer> {
  const url = new URL(request.url);
  const payload = request.json === undefined ? undefined : Buffer.from(JSON.stringify(request.json));
  const tunnel = await request.via?.connect(signal);
  if (tunnel?.errored) throw tunnel.errored;
  const options: https.RequestOptions = {
    method: request.method,
    host,
    port,
    path: `${url.pathname}${url.search}`,
    headers: headersOf(request, url, payload),
    signal,
    // An agent, even `false`, would connect by itself.
    ...(tunnel === undefined ? { agent: agents.for(url) } : { createConnection: () => tunnel }),
    ...(url.protocol === "https:" ? tlsOptions(request, url) : {}),
  };
  try {
    return await send(url.protocol === "https:" ? https : http, options, payload);
  } finally {
    tunnel?.destroy();
  }
}

function headersOf(request: ProbeRequest, url: URL, payload: Buffer | undefined): http.OutgoingHttpHeaders {
  return {
    host: url.host,
    accept: "*/*",
    "user-agent": "migratectl",
    connection: "close",
    ...(payload === undefined ? {} : { "content-type": "application/json", "content-length": payload.length }),
    ...request.headers,
  };
}

/** The handshake goes through whatever the certificate is: the check judges it, and tells more than a broken connection could. */
function tlsOptions(request: ProbeRequest, url: URL): https.RequestOptions & { readonly secureContext: SecureContext } {
  return {
    rejectUnauthorized: false,
    checkServerIdentity: () => undefined,
    secureContext: contextFor(request.trust ?? []),
    ...(/^[\d.]+$|:/.test(url.hostname) ? {} : { servername: url.hostname }),
  };
}

const contexts = new Map<string, SecureContext>();

/** One context per set of CAs: parsing this host's hundred and more takes longer than a request. */
function contextFor(trust: readonly string[]): SecureContext {
  const key = trust.join();
  const found =
    contexts.get(key) ??
    createSecureContext({
      ca: [...new Set([...getCACertificates("default"), ...getCACertificates("system"), ...trust])],
      minVersion: "TLSv1.2",
    });
  contexts.set(key, found);
  return found;
}

function send(transport: typeof http | typeof https, options: https.RequestOptions, payload: Buffer | undefined): Promise<ProbeAnswer> {
  return new Promise((resolve, reject) => {
    const outgoing = transport.request(options, (answer) => {
      const certificate = "getPeerCertificate" in answer.socket ? served(answer.socket as TLSSocket) : undefined;
      const chunks: Buffer[] = [];
      let bytes = 0;
      answer.on("data", (chunk: Buffer) => {
        bytes += chunk.length;
        if (bytes > longestBody) outgoing.destroy(new Error(`the answer is longer than ${longestBody} bytes`));
        else chunks.push(chunk);
      });
      answer.on("error", reject);
      answer.on("end", () =>
        resolve({
          kind: "answered",
          status: answer.statusCode ?? 0,
          headers: Object.fromEntries(Object.entries(answer.headers).map(([name, value]) => [name, [value].flat().join(", ")])),
          body: Buffer.concat(chunks).toString("utf8"),
          ...(certificate === undefined ? {} : { certificate }),
        }),
      );
    });
    outgoing.on("error", reject);
    outgoing.end(payload);
  });
}

function served(socket: TLSSocket): ServedCertificate {
  const certificate = socket.getPeerCertificate();
  const error: unknown = socket.authorizationError;
  return {
    names: (certificate.subjectaltname ?? "").split(", ").flatMap((name) => /^(?:DNS|IP Address):(.+)$/.exec(name)?.[1] ?? []),
    issuer: issuerOf(certificate),
    notAfter: new Date(certificate.valid_to),
    fingerprint: certificate.fingerprint256,
    protocol: socket.getProtocol() ?? "",
    ...(socket.authorized ? {} : { distrust: error instanceof Error ? error.message : String(error) }),
  };
}

function issuerOf({ issuer }: PeerCertificate): string {
  return [issuer.CN ?? issuer.O ?? issuer.OU].flat().join(", ");
}

function failure(error: unknown, request: ProbeRequest, { proxy }: Way, late: boolean): string {
  if (error instanceof Problem) return error.message;
  if (proxy !== undefined) return `through the proxy ${shownProxy(proxy)}: ${plainFailure(error, request, late)}`;
  return plainFailure(error, request, late);
}

function plainFailure(error: unknown, request: ProbeRequest, late: boolean): string {
  if (late) return `no answer within ${request.deadline / 1000} s`;
  const code = error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : "";
  const address = request.address?.host ?? new URL(request.url).host;
  if (code === "ECONNREFUSED") return `${address} refuses the connection`;
  if (code === "ENOTFOUND" || code === "EAI_AGAIN") return `${address} is not known to DNS`;
  if (code === "ECONNRESET") return "the connection was closed before the answer";
  return error instanceof Error ? error.message || code : String(error);
}
