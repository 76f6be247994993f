import { createHash, randomUUID } from "node:crypto";
import http, { type IncomingMessage, type ServerResponse } from "node:http";
import https from "node:https";
import type { AddressInfo } from "node:net";
import type { KeyPair } from "./certificates.ts";

/** How this registry differs from a plain one; each is a behaviour seen in the field. */
export interface Quirks {
  /** Where uploads go on: `relative` path, `absolute` URL, `behind-tls` (http:// although the client speaks TLS), or another origin. */
  readonly location: "relative" | "absolute" | "behind-tls" | { readonly origin: string };
  /** Requests with a longer body are answered 413 before the body is read. */
  readonly largestBody: number;
  /** False: a mount starts a plain upload (202); "unauthorized": 401, as Harbor does for a project that is missing. */
  readonly mounts: boolean | "unauthorized";
  /** Status of an answer to a chunk: ECR says 201. */
  readonly chunkStatus: 201 | 202;
  /** Tags cannot be moved; the status by vendor. */
  readonly immutableTags: 400 | 403 | 409 | 412 | undefined;
  /** False: HEAD of a manifest does not tell its digest. */
  readonly digestHeader: boolean;
  /** Bytes of blobs before 403 with a quota message. */
  readonly quota: number;
  /** A web page answers every request with 200. */
  readonly webPage: boolean;
  /** Stores other bytes than it was sent, and says nothing. */
  readonly corrupts: boolean;
  /** Where downloads of blobs are redirected to. */
  readonly downloadsFrom: string | undefined;
}

/** Who may come in; `push: false` is a read-only account. */
export interface FakeUser {
  readonly password: string;
  readonly push: boolean;
}

/** How clients log in. A token of `bearer` serves `tokenUses` requests, then it has expired. */
export type FakeAuth =
  | { readonly kind: "none" }
  | { readonly kind: "basic"; readonly users: Readonly<Record<string, FakeUser>> }
  | { readonly kind: "bearer"; readonly users: Readonly<Record<string, FakeUser>>; readonly tokenUses?: number };

/** One request as it came in. */
export interface Seen {
  readonly method: string;
  readonly path: string;
  readonly authorization: string | undefined;
  /** Bytes of the body that were read. */
  bytes: number;
  status: number;
}

/** What goes wrong with a request: an answer in place of the right one, or the connection cut after some bytes of its body. */
export type Fault =
  | { readonly kind: "answer"; readonly status: number; readonly headers?: Readonly<Record<string, string>>; readonly body?: string }
  | { readonly kind: "cut"; readonly afterBytes: number }
  /** The request is carried out, and the connection cut before the answer. */
  | { readonly kind: "lost-answer" };

interface Repository {
  readonly blobs: Set<string>;
  readonly manifests: Map<string, { readonly type: string; readonly content: Buffer }>;
  readonly tags: Map<string, string>;
}

interface PlannedFault {
  readonly when: (request: Seen) => boolean;
  readonly fault: Fault;
  left: number;
}

interface Grant {
  readonly user: FakeUser | undefined;
  readonly reauthenticate?: string;
}

const plain: Quirks = {
  location: "relative",
  largestBody: Number.POSITIVE_INFINITY,
  mounts: true,
  chunkStatus: 202,
  immutableTags: undefined,
  digestHeader: true,
  quota: Number.POSITIVE_INFINITY,
  webPage: false,
  corrupts: false,
  downloadsFrom: undefined,
};

/**
 * An image registry in this process that keeps its state, to the distribution spec: cross-repository mounts, chunked and monolithic uploads,
 * manifests refused while what they refer to is missing. Quirks and faults make it behave as registries in the field do.
 */
export class FakeRegistry {
  readonly requests: Seen[] = [];
  readonly blobs = new Map<string, Buffer>();
  readonly repositories = new Map<string, Repository>();
  readonly uploads = new Map<string, { readonly repository: string; content: Buffer[]; readonly state: string }>();
  quirks: Quirks;
  private readonly auth: FakeAuth;
  private readonly tls: KeyPair | undefined;
  private readonly server: http.Server;
  private readonly faults: PlannedFault[] = [];
  private readonly tokens = new Map<string, { readonly user: FakeUser; left: number }>();

  private constructor(options: { readonly quirks?: Partial<Quirks>; readonly auth?: FakeAuth; readonly tls?: KeyPair }) {
    this.quirks = { ...plain, ...options.quirks };
    this.auth = options.auth ?? { kind: "none" };
    this.tls = options.tls;
    const handle = (request: IncomingMessage, answer: ServerResponse) =>
      void this.handle(request, answer).catch((error: unknown) => answer.destroy(error instanceof Error ? error : undefined));
    this.server =
      this.tls === undefined ? http.createServer(handle) : https.createServer({ cert: this.tls.cert, key: this.tls.key }, handle);
  }

  /** Starts one on a free port of the loopback interface. */
  static async start(
    options: { readonly quirks?: Partial<Quirks>; readonly auth?: FakeAuth; readonly tls?: KeyPair } = {},
  ): Promise<FakeRegistry> {
    const registry = new FakeRegistry(options);
    await new Promise<void>((resolve) => registry.server.listen(0, "127.0.0.1", resolve));
    return registry;
  }

  /** `HOST:PORT` */
  get host(): string {
    return `localhost:${(this.server.address() as AddressInfo).port}`;
  }

  /** Bytes of blobs that came in, whether they were kept or not. */
  get receivedBytes(): number {
    return this.requests.filter(({ path }) => path.includes("/blobs/uploads/")).reduce((sum, { bytes }) => sum + bytes, 0);
  }

  /** Lets the next `times` requests that match go wrong. */
  fail(when: (request: Seen) => boolean, fault: Fault, times = 1): void {
    this.faults.push({ when, fault, left: times });
  }

  /** Every token stops working now. */
  expireTokens(): void {
    this.tokens.clear();
  }

  async close(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }

  private async handle(request: IncomingMessage, answer: ServerResponse): Promise<unknown> {
    const url = new URL(request.url ?? "/", `${this.tls === undefined ? "http" : "https"}://${this.host}`);
    const seen: Seen = {
      method: request.method ?? "",
      path: `${url.pathname}${url.search}`,
      authorization: request.headers.authorization,
      bytes: 0,
      status: 0,
    };
    this.requests.push(seen);
    answer.on("finish", () => (seen.status = answer.statusCode));
    const planned = this.faults.find(({ left, when }) => left > 0 && when(seen));
    if (planned !== undefined) planned.left -= 1;
    const fault = planned?.fault;
    if (fault?.kind === "answer") return this.early(answer, fault.status, fault.body ?? "", fault.headers);
    if (fault?.kind === "cut") return this.cut(request, seen, fault.afterBytes);
    if (this.quirks.webPage) return this.early(answer, 200, "<!doctype html><title>Welcome</title>", { "content-type": "text/html" });
    if (url.pathname === "/token") return this.token(url, request, answer);
    const grant = this.grant(request.headers.authorization, url);
    if (grant.user === undefined)
      return this.early(answer, 401, error("UNAUTHORIZED", "authentication required"), { "www-authenticate": grant.reauthenticate ?? "" });
    if (Number(request.headers["content-length"] ?? 0) > this.quirks.largestBody)
      return this.early(answer, 413, "<html><title>413 Request Entity Too Large</title></html>");
    const chunks: Buffer[] = [];
    for await (const chunk of request as AsyncIterable<Buffer>) {
      chunks.push(chunk);
      seen.bytes += chunk.length;
    }
    if (fault?.kind === "lost-answer") answer.writeHead = () => answer.destroy() as never;
    return this.route(url, request, Buffer.concat(chunks), grant.user, answer);
  }

  /** Answers without having read the body; what still comes is thrown away, as proxies do that close lingeringly. */
  private early(answer: ServerResponse, status: number, body: string, headers: Readonly<Record<string, string>> = {}): ServerResponse {
    answer.writeHead(status, { ...headers, "content-length": Buffer.byteLength(body) });
    return answer.end(answer.req.method === "HEAD" ? undefined : body);
  }

  private async cut(request: IncomingMessage, seen: Seen, afterBytes: number): Promise<void> {
    request.on("error", () => undefined);
    if (afterBytes > 0) {
      for await (const chunk of request as AsyncIterable<Buffer>) if ((seen.bytes += chunk.length) >= afterBytes) break;
    }
    request.socket.destroy();
  }

  private token(url: URL, request: IncomingMessage, answer: ServerResponse): ServerResponse {
    const [name = "", password = ""] = Buffer.from(request.headers.authorization?.replace("Basic ", "") ?? "", "base64")
      .toString()
      .split(":");
    const user = this.auth.kind === "none" ? undefined : this.auth.users[name];
    if (user === undefined || user.password !== password)
      return this.early(answer, 401, error("UNAUTHORIZED", "incorrect username or password"));
    const token = randomUUID();
    this.tokens.set(token, { user, left: (this.auth.kind === "bearer" ? this.auth.tokenUses : undefined) ?? Number.POSITIVE_INFINITY });
    return this.early(answer, url.searchParams.get("service") === "fake" ? 200 : 400, JSON.stringify({ token, expires_in: 300 }), {
      "content-type": "application/json",
    });
  }

  private grant(authorization: string | undefined, url: URL): Grant {
    if (this.auth.kind === "none") return { user: { password: "", push: true } };
    if (this.auth.kind === "basic") {
      const [name = "", password = ""] = Buffer.from(authorization?.replace("Basic ", "") ?? "", "base64")
        .toString()
        .split(":");
      const user = this.auth.users[name];
      return user?.password === password ? { user } : { user: undefined, reauthenticate: 'Basic realm="fake"' };
    }
    const token = this.tokens.get(authorization?.replace("Bearer ", "") ?? "");
    if (token !== undefined && token.left > 0) {
      token.left -= 1;
      return { user: token.user };
    }
    return { user: undefined, reauthenticate: `Bearer realm="${url.origin}/token",service="fake"` };
  }

  private route(url: URL, request: IncomingMessage, body: Buffer, user: FakeUser, answer: ServerResponse): ServerResponse {
    if (url.pathname === "/v2/")
      return send(answer, 200, "{}", { "content-type": "application/json", "docker-distribution-api-version": "registry/2.0" });
    const [, name = "", kind = "", rest = ""] = /^\/v2\/(.+?)\/(blobs\/uploads|blobs|manifests)\/(.*)$/.exec(url.pathname) ?? [];
    if (name === "") return send(answer, 404, error("NAME_UNKNOWN", "no such route"));
    if (!user.push && request.method !== "GET" && request.method !== "HEAD")
      return send(answer, 403, error("DENIED", "requested access to the resource is denied"));
    if (kind === "manifests") return this.manifest(name, rest, request, body, answer);
    if (kind === "blobs") return this.blob(name, rest, answer);
    return this.upload(name, rest, url, request, body, answer);
  }

  private blob(name: string, digest: string, answer: ServerResponse): ServerResponse {
    const content = this.repositories.get(name)?.blobs.has(digest) ? this.blobs.get(digest) : undefined;
    if (content === undefined) return send(answer, 404, error("BLOB_UNKNOWN", "blob unknown to registry"));
    if (this.quirks.downloadsFrom !== undefined)
      return send(answer, 307, "", { location: `${this.quirks.downloadsFrom}/v2/${name}/blobs/${digest}` });
    return send(answer, 200, content, { "docker-content-digest": digest, "content-type": "application/octet-stream" });
  }

  private upload(name: string, id: string, url: URL, request: IncomingMessage, body: Buffer, answer: ServerResponse): ServerResponse {
    if (id === "") return this.startUpload(name, url, request, answer);
    const upload = this.uploads.get(id);
    if (upload === undefined || upload.repository !== name)
      return send(answer, 404, error("BLOB_UPLOAD_UNKNOWN", "blob upload unknown to registry"));
    if (url.searchParams.get("_state") !== upload.state)
      return send(answer, 400, error("BLOB_UPLOAD_INVALID", "the query of the Location was not kept"));
    if (request.method === "DELETE") {
      this.uploads.delete(id);
      return send(answer, 204, "");
    }
    if (request.headers["content-length"] === undefined) return send(answer, 411, error("SIZE_INVALID", "a length is required"));
    if (request.method === "PATCH") {
      const have = upload.content.reduce((sum, chunk) => sum + chunk.length, 0);
      if (request.headers["content-range"] !== `${have}-${have + body.length - 1}`)
        return send(answer, 416, error("BLOB_UPLOAD_INVALID", "the chunk is out of order"));
      upload.content.push(body);
      return send(answer, this.quirks.chunkStatus, "", {
        location: this.location(name, id, upload.state),
        range: `0-${have + body.length - 1}`,
      });
    }
    return this.finish(name, id, url.searchParams.get("digest") ?? "", Buffer.concat([...upload.content, body]), answer);
  }

  private startUpload(name: string, url: URL, request: IncomingMessage, answer: ServerResponse): ServerResponse {
    if (request.headers["content-length"] === undefined) return send(answer, 411, error("SIZE_INVALID", "a length is required"));
    const mount = url.searchParams.get("mount");
    const from = url.searchParams.get("from");
    if (mount !== null && this.quirks.mounts === "unauthorized") return send(answer, 401, error("UNAUTHORIZED", "no such project"));
    if (mount !== null && from !== null && this.quirks.mounts === true && this.repositories.get(from)?.blobs.has(mount)) {
      this.repository(name).blobs.add(mount);
      return send(answer, 201, "", { location: `/v2/${name}/blobs/${mount}` });
    }
    const id = randomUUID();
    const state = `${randomUUID()}/=+`;
    this.uploads.set(id, { repository: name, content: [], state });
    return send(answer, 202, "", { location: this.location(name, id, state), range: "0-0" });
  }

  private finish(name: string, id: string, digest: string, content: Buffer, answer: ServerResponse): ServerResponse {
    this.uploads.delete(id);
    if (digest !== sha256(content)) return send(answer, 400, error("DIGEST_INVALID", "provided digest did not match uploaded content"));
    const used = [...this.blobs.values()].reduce((sum, blob) => sum + blob.length, 0);
    if (used + content.length > this.quirks.quota)
      return send(answer, 403, error("DENIED", "adding the blob would exceed the configured storage quota"));
    this.blobs.set(digest, content);
    this.repository(name).blobs.add(digest);
    return send(answer, 201, "", { location: `/v2/${name}/blobs/${digest}`, "docker-content-digest": digest });
  }

  private manifest(name: string, reference: string, request: IncomingMessage, body: Buffer, answer: ServerResponse): ServerResponse {
    const repository = this.repository(name);
    if (request.method === "PUT") return this.putManifest(repository, reference, request.headers["content-type"] ?? "", body, answer);
    const digest = repository.tags.get(reference) ?? reference;
    const found = repository.manifests.get(digest);
    if (found === undefined) return send(answer, 404, error("MANIFEST_UNKNOWN", "manifest unknown"));
    return send(answer, 200, found.content, {
      "content-type": found.type,
      ...(this.quirks.digestHeader ? { "docker-content-digest": digest } : {}),
    });
  }

  private putManifest(repository: Repository, reference: string, type: string, body: Buffer, answer: ServerResponse): ServerResponse {
    const digest = sha256(body);
    if (reference.startsWith("sha256:") && reference !== digest)
      return send(answer, 400, error("DIGEST_INVALID", "provided digest did not match uploaded content"));
    const missing = referredTo(body).find((child) => !repository.blobs.has(child) && !repository.manifests.has(child));
    if (missing !== undefined) return send(answer, 400, error("MANIFEST_BLOB_UNKNOWN", `unknown to registry: ${missing}`));
    const tagged = repository.tags.get(reference);
    if (this.quirks.immutableTags !== undefined && tagged !== undefined && tagged !== digest)
      return send(answer, this.quirks.immutableTags, error("DENIED", "the tag is immutable"));
    repository.manifests.set(digest, { type, content: this.quirks.corrupts ? Buffer.concat([body, Buffer.from(" ")]) : body });
    if (!reference.startsWith("sha256:")) repository.tags.set(reference, digest);
    return send(answer, 201, "", { "docker-content-digest": digest });
  }

  private repository(name: string): Repository {
    const known = this.repositories.get(name) ?? { blobs: new Set<string>(), manifests: new Map(), tags: new Map<string, string>() };
    this.repositories.set(name, known);
    return known;
  }

  private location(name: string, id: string, state: string): string {
    const path = `/v2/${name}/blobs/uploads/${id}?_state=${encodeURIComponent(state)}`;
    const { location } = this.quirks;
    if (location === "relative") return path;
    if (location === "absolute") return `${this.tls === undefined ? "http" : "https"}://${this.host}${path}`;
    if (location === "behind-tls") return `http://localhost${path}`;
    return `${location.origin}${path}`;
  }
}

function send(
  answer: ServerResponse,
  status: number,
  body: string | Buffer,
  headers: Readonly<Record<string, string>> = {},
): ServerResponse {
  answer.writeHead(status, { ...headers, "content-length": Buffer.byteLength(body) });
  return answer.end(answer.req?.method === "HEAD" ? undefined : body);
}

function error(code: string, message: string): string {
  return JSON.stringify({ errors: [{ code, message }] });
}

function sha256(content: Buffer): string {
  return `sha256:${createHash("sha256").update(content).digest("hex")}`;
}

function referredTo(manifest: Buffer): readonly string[] {
  const {
    config,
    layers = [],
    manifests = [],
  } = JSON.parse(manifest.toString()) as { config?: { digest: string }; layers?: { digest: string }[]; manifests?: { digest: string }[] };
  return [...(config === undefined ? [] : [config]), ...layers, ...manifests].map(({ digest }) => digest);
}
