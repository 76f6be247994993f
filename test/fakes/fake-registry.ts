import http, { type IncomingMessage, type ServerResponse } from "node:http";
import https from "node:https";
import type { AddressInfo } from "node:net";
import type { KeyPair } from "./certificates.ts";
import { refuse, send } from "./registry/answers.ts";
import { type Fault, Faults, type Seen } from "./registry/faults.ts";
import { type FakeAuth, Login } from "./registry/login.ts";
import { plainQuirks, type Quirks } from "./registry/quirks.ts";
import { Routes } from "./registry/routes.ts";
import { RegistryStore } from "./registry/store.ts";

/** How a fake registry is made. */
export interface FakeRegistryOptions {
  readonly quirks?: Partial<Quirks>;
  readonly auth?: FakeAuth;
  readonly tls?: KeyPair;
}

/** An image registry in this process that keeps its state. Quirks and faults make it behave as registries in the field do. */
export class FakeRegistry {
  readonly requests: Seen[] = [];
  readonly store = new RegistryStore();
  quirks: Quirks;
  private readonly faults = new Faults();
  private readonly login: Login;
  private readonly routes = new Routes(this.store, () => this.quirks);
  private readonly server: http.Server;

  private constructor({ quirks, auth, tls }: FakeRegistryOptions) {
    this.quirks = { ...plainQuirks, ...quirks };
    this.login = new Login(auth ?? { kind: "none" });
    const handle = (request: IncomingMessage, answer: ServerResponse) =>
      void this.handle(request, answer).catch((error: unknown) => answer.destroy(error instanceof Error ? error : undefined));
    this.server = tls === undefined ? http.createServer(handle) : https.createServer({ cert: tls.cert, key: tls.key }, handle);
  }

  /** Starts one on a free port of the loopback interface. */
  static async start(options: FakeRegistryOptions = {}): Promise<FakeRegistry> {
    const registry = new FakeRegistry(options);
    await new Promise<void>((resolve) => registry.server.listen(0, "127.0.0.1", resolve));
    return registry;
  }

  get port(): number {
    return (this.server.address() as AddressInfo).port;
  }

  /** `HOST:PORT` */
  get host(): string {
    return `localhost:${this.port}`;
  }

  /** Bytes of blobs that came in, whether they were kept or not. */
  get receivedBytes(): number {
    return this.requests.filter(({ path }) => path.includes("/blobs/uploads/")).reduce((sum, { bytes }) => sum + bytes, 0);
  }

  /** Lets the next `times` requests that match go wrong. */
  fail(when: (request: Seen) => boolean, fault: Fault, times = 1): void {
    this.faults.plan(when, fault, times);
  }

  async close(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }

  private async handle(request: IncomingMessage, answer: ServerResponse): Promise<unknown> {
    const scheme = "encrypted" in request.socket ? "https" : "http";
    // The name that the client used, which differs from ours behind a proxy.
    const url = new URL(request.url ?? "/", `${scheme}://${request.headers.host ?? this.host}`);
    const { authorization } = request.headers;
    const seen: Seen = { method: request.method ?? "", path: `${url.pathname}${url.search}`, authorization, bytes: 0, status: 0 };
    this.requests.push(seen);
    answer.on("finish", () => (seen.status = answer.statusCode));
    const fault = this.faults.next(seen);
    if (fault?.kind === "answer") return send(answer, fault.status, fault.body, fault.headers);
    if (fault?.kind === "cut") return cut(request, seen, fault.afterBytes);
    if (fault !== undefined) spoil(answer, fault);
    if (this.quirks.webPage) return send(answer, 200, "<!doctype html><title>Welcome</title>", { "content-type": "text/html" });
    if (url.pathname === "/token") return this.token(url, request, answer);
    const grant = this.login.grant(authorization, url.origin);
    if ("reauthenticate" in grant)
      return refuse(answer, 401, "UNAUTHORIZED", "authentication required", { "www-authenticate": grant.reauthenticate });
    // What still comes of the body is thrown away, as proxies do that close lingeringly.
    if (Number(request.headers["content-length"] ?? 0) > this.quirks.largestBody)
      return send(answer, 413, "<html><title>413 Request Entity Too Large</title></html>");
    return this.routes.handle({ url, request, body: await content(request, seen), user: grant.user }, answer);
  }

  private async token(url: URL, request: IncomingMessage, answer: ServerResponse): Promise<ServerResponse> {
    const form = request.method === "POST" ? new URLSearchParams((await content(request)).toString()) : url.searchParams;
    const token = this.login.token(request.headers.authorization, form);
    if (token === undefined) return refuse(answer, 401, "UNAUTHORIZED", "incorrect username or password");
    const status = form.get("service") === "fake" ? 200 : 400;
    return send(answer, status, JSON.stringify({ token, expires_in: 300 }), { "content-type": "application/json" });
  }
}

async function content(request: IncomingMessage, seen?: Seen): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of request as AsyncIterable<Buffer>) {
    chunks.push(chunk);
    if (seen !== undefined) seen.bytes += chunk.length;
  }
  return Buffer.concat(chunks);
}

async function cut(request: IncomingMessage, seen: Seen, afterBytes: number): Promise<void> {
  request.on("error", () => undefined);
  if (afterBytes > 0) {
    for await (const chunk of request as AsyncIterable<Buffer>) if ((seen.bytes += chunk.length) >= afterBytes) break;
  }
  request.socket.destroy();
}

/** Lets the right answer be made, and go wrong on its way. */
function spoil(answer: ServerResponse, fault: Exclude<Fault, { readonly kind: "answer" | "cut" }>): void {
  if (fault.kind === "lost-answer") {
    answer.writeHead = () => answer.destroy() as never;
    return;
  }
  const end = answer.end.bind(answer);
  answer.end = ((body?: string | Buffer) => {
    if (fault.kind === "slow-content") {
      answer.flushHeaders();
      const timer = setTimeout(() => end(body), fault.milliseconds);
      answer.once("close", () => clearTimeout(timer));
    } else {
      answer.write(Buffer.from(body ?? "").subarray(0, Math.floor(Buffer.byteLength(body ?? "") / 2)), () => answer.destroy());
    }
    return answer;
  }) as typeof answer.end;
}
