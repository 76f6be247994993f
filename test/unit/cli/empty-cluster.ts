import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { z } from "zod";

/** An API server of a cluster in which next to nothing is; it keeps what would have changed something. */
export interface EmptyCluster {
  readonly kubeconfig: string;
  readonly reads: readonly string[];
  /** Requests that were no reading, as `POST /path`; questions about one's own rights are readings. */
  readonly writes: readonly string[];
  stop(): Promise<void>;
}

const named = z.object({ metadata: z.object({ name: z.string() }) });

/** Objects by the plural of their kind: `pods`. */
export type Items = Readonly<Record<string, readonly unknown[]>>;

/** Starts one on loopback, with these objects in every namespace. */
export async function emptyCluster(items: Items = {}): Promise<EmptyCluster> {
  const [reads, writes]: [string[], string[]] = [[], []];
  const server = createServer((request, response) => {
    const path = new URL(request.url ?? "/", "http://x").pathname;
    const line = `${request.method} ${path}`;
    (request.method === "GET" || /self\w+reviews$/.test(path) ? reads : writes).push(line);
    void answer(request, path, items, response);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const folder = await mkdtemp(join(tmpdir(), "migratectl-empty-"));
  const kubeconfig = join(folder, "kubeconfig");
  const cluster = `{ server: "http://127.0.0.1:${(server.address() as AddressInfo).port}", insecure-skip-tls-verify: true }`;
  await writeFile(
    kubeconfig,
    `apiVersion: v1\nkind: Config\nclusters: [{ name: c, cluster: ${cluster} }]\nusers: [{ name: u, user: { token: t } }]\ncontexts: [{ name: here, context: { cluster: c, user: u } }]\ncurrent-context: here\n`,
  );
  return {
    kubeconfig,
    reads,
    writes,
    async stop() {
      server.close();
      server.closeAllConnections();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

async function answer(request: IncomingMessage, path: string, items: Items, response: ServerResponse): Promise<void> {
  const [status, body] = bodyFor(path, items, await text(request));
  response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
}

function bodyFor(path: string, items: Items, asked: string): [number, unknown] {
  if (path === "/version") return [200, { major: "1", minor: "34", gitVersion: "v1.34.4" }];
  if (path === "/api/v1/namespaces/kube-system")
    return [200, { apiVersion: "v1", kind: "Namespace", metadata: { name: "kube-system", uid: "u-1" } }];
  if (/self\w+reviews$/.test(path)) return [201, { ...JSON.parse(asked), status: { allowed: true, userInfo: { username: "admin" } } }];
  if (path === "/api") return [200, { kind: "APIVersions", versions: ["v1"] }];
  if (path === "/apis") return [200, { kind: "APIGroupList", apiVersion: "v1", groups: [] }];
  if (/^\/(?:api|apis\/[^/]+)\/v[^/]+$/.test(path)) return [200, { kind: "APIResourceList", groupVersion: "v1", resources: [] }];
  if (/^\/(?:api\/v1|apis\/[^/]+\/[^/]+)(?:\/namespaces\/[^/]+)?\/[^/]+$/.test(path))
    return [200, { kind: "List", apiVersion: "v1", metadata: { resourceVersion: "1" }, items: items[path.split("/").at(-1) ?? ""] ?? [] }];
  const [plural = "", name] = path.split("/").slice(-2);
  const found = (items[plural] ?? []).find((item) => named.safeParse(item).data?.metadata.name === name);
  if (found !== undefined) return [200, found];
  return [404, { kind: "Status", apiVersion: "v1", status: "Failure", reason: "NotFound", message: "there is nothing here", code: 404 }];
}

async function text(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(Buffer.from(chunk));
  return Buffer.concat(chunks).toString("utf8");
}
