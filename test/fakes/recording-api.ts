import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from "node:http";
import { createServer, request as send } from "node:https";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Duplex } from "node:stream";
import { loadKubeConfig } from "../../src/adapters/kubernetes/connection.ts";
import { createAuthority } from "./certificates.ts";

/** An API server that is watched: everything goes through to a real one, as one user, and is written down. */
export interface RecordingApi {
  /** A kubeconfig that leads here. */
  readonly kubeconfig: string;
  /** What was asked for, in kubectl's words (`get secrets`, `create pods/portforward`), each once, and how often it was refused. */
  readonly seen: Map<string, { asked: number; refused: number }>;
  close(): Promise<void>;
}

/**
 * Starts one before the API server of a kubeconfig with a client certificate. Requests are sent on as `user`, whom the certificate's owner
 * impersonates: what RBAC gives that user decides.
 */
export async function startRecordingApi(kubeconfig: string, user: string): Promise<RecordingApi> {
  const config = loadKubeConfig({ kubeconfig });
  const upstream: { cert?: Buffer; key?: Buffer; ca?: Buffer } = {};
  await config.applyToHTTPSOptions(upstream as never);
  const { cert, key, ca } = upstream;
  const target = new URL(config.getCurrentCluster()?.server ?? "");
  const seen: RecordingApi["seen"] = new Map();
  const note = (right: string | undefined, status: number | undefined) => {
    if (right === undefined) return;
    const entry = seen.get(right) ?? { asked: 0, refused: 0 };
    seen.set(right, { asked: entry.asked + 1, refused: entry.refused + (status === 403 ? 1 : 0) });
  };
  const options = (request: IncomingMessage) => ({
    host: target.hostname,
    port: target.port,
    method: request.method ?? "GET",
    path: request.url ?? "/",
    headers: asUser(request.headers, user),
    ...(cert === undefined || key === undefined || ca === undefined ? {} : { cert, key, ca }),
  });
  const authority = createAuthority("recording CA");
  const server = createServer(authority.issue(["127.0.0.1"]), (request: IncomingMessage, answer: ServerResponse) => {
    const right = rightOf(request);
    const forwarded = send(options(request), (found) => {
      note(right, found.statusCode);
      answer.writeHead(found.statusCode ?? 502, found.headers);
      found.pipe(answer);
    });
    forwarded.on("error", () => answer.destroy());
    answer.on("close", () => forwarded.destroy());
    request.pipe(forwarded);
  });
  server.on("upgrade", (request: IncomingMessage, client: Duplex) => {
    const right = rightOf(request);
    const forwarded = send(options(request));
    forwarded.on("response", (found) => {
      note(right, found.statusCode);
      client.end(`HTTP/1.1 ${found.statusCode} refused\r\ncontent-length: 0\r\n\r\n`);
    });
    forwarded.on("upgrade", (found, upstreamSocket: Duplex) => {
      note(right, found.statusCode);
      upstreamSocket.destroy();
      client.destroy();
    });
    forwarded.on("error", () => client.destroy());
    forwarded.end();
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const folder = mkdtempSync(join(tmpdir(), "migratectl-recording-"));
  return {
    kubeconfig: write(folder, `https://127.0.0.1:${(server.address() as AddressInfo).port}`, authority.pem),
    seen,
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      rmSync(folder, { recursive: true });
    },
  };
}

function asUser(headers: IncomingHttpHeaders, user: string): IncomingHttpHeaders {
  const { authorization: _, host: __, ...rest } = headers;
  return { ...rest, "impersonate-user": user, "impersonate-group": "system:authenticated" };
}

function write(folder: string, server: string, caPem: string): string {
  const path = join(folder, "config");
  const cluster = { server, "certificate-authority-data": Buffer.from(caPem).toString("base64") };
  const config = {
    apiVersion: "v1",
    kind: "Config",
    "current-context": "recorded",
    contexts: [{ name: "recorded", context: { cluster: "c", user: "u" } }],
    clusters: [{ name: "c", cluster }],
    users: [{ name: "u", user: { token: "recorded" } }],
  };
  writeFileSync(path, JSON.stringify(config), { mode: 0o600 });
  return path;
}

const verbs: Readonly<Record<string, readonly [one: string, many: string]>> = {
  GET: ["get", "list"],
  POST: ["create", "create"],
  PUT: ["update", "update"],
  PATCH: ["patch", "patch"],
  DELETE: ["delete", "deletecollection"],
};

/** The right that the API server demands for a request, as its RequestInfo reads it; undefined for what is no resource (discovery, /version). */
function rightOf({ method = "GET", url = "/" }: Pick<IncomingMessage, "method" | "url">): string | undefined {
  const { pathname, searchParams } = new URL(url, "https://x");
  const [, group = "", rest = ""] = /^\/(?:api\/v1|apis\/([^/]+)\/[^/]+)\/(.+)$/.exec(pathname) ?? [];
  if (rest === "") return undefined;
  const parts = rest.split("/");
  const [resource = "", name, sub] = parts[0] === "namespaces" && parts.length > 2 ? parts.slice(2) : parts;
  const watches = searchParams.get("watch") === "true" || searchParams.get("watch") === "1";
  const verb = watches ? "watch" : verbs[method]?.[name === undefined ? 1 : 0];
  return `${verb} ${resource}${group === "" ? "" : `.${group}`}${sub === undefined ? "" : `/${sub}`}`;
}
