import http from "node:http";
import https from "node:https";
import { createSecureContext, getCACertificates, type PeerCertificate, type SecureContext, type TLSSocket } from "node:tls";
import { Problem } from "../../domain/errors/problem.ts";
import type { HttpProbe, ProbeAnswer, ProbeRequest, ServedCertificate } from "../../ports/http-probe.ts";

/** Bytes of a body that are read; no check needs more. */
const longestBody = 1024 * 1024;

/** Asks with Node's own HTTP: one connection per request, nothing followed, every answer bounded in time and size. */
export const httpProbe: HttpProbe = { ask };

async function ask(request: ProbeRequest, signal: AbortSignal): Promise<ProbeAnswer> {
  signal.throwIfAborted();
  const limit = AbortSignal.any([signal, AbortSignal.timeout(request.deadline)]);
  try {
    return await exchange(request, limit);
  } catch (error) {
    if (signal.aborted) throw signal.reason;
    return { kind: "failed", what: failure(error, request, limit.aborted) };
  }
}

async function exchange(request: ProbeRequest, signal: AbortSignal): Promise<ProbeAnswer> {
  const url = new URL(request.url);
  const payload = request.json === undefined ? undefined : Buffer.from(JSON.stringify(request.json));
  const tunnel = await request.via?.connect(signal);
  if (tunnel?.errored) throw tunnel.errored;
  const options: https.RequestOptions = {
    method: request.method,
    host: request.address?.host ?? url.hostname,
    port: request.address?.port ?? (url.port || (url.protocol === "https:" ? 443 : 80)),
    path: `${url.pathname}${url.search}`,
    headers: headersOf(request, url, payload),
    signal,
    // An agent, even `false`, would connect by itself.
    ...(tunnel === undefined ? { agent: false } : { createConnection: () => tunnel }),
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

function failure(error: unknown, request: ProbeRequest, late: boolean): string {
  if (error instanceof Problem) return error.message;
  if (late) return `no answer within ${request.deadline / 1000} s`;
  const code = error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : "";
  const address = request.address?.host ?? new URL(request.url).host;
  if (code === "ECONNREFUSED") return `${address} refuses the connection`;
  if (code === "ENOTFOUND" || code === "EAI_AGAIN") return `${address} is not known to DNS`;
  if (code === "ECONNRESET") return "the connection was closed before the answer";
  return error instanceof Error ? error.message || code : String(error);
}
