import http from "node:http";
import https from "node:https";
import { type AddressInfo, connect, type Server } from "node:net";
import type { Tunnels } from "../../src/ports/tunnel.ts";

/** What can be wrong with a {@link FakePlatform}; a test switches one on. */
export type PlatformFault =
  | "unhealthy"
  | "database-down"
  | "no-vector"
  | "replica-behind"
  | "cache-forgets"
  | "tenant-unknown"
  | "old-schema"
  | "worker-stuck"
  | "queue-long"
  | "worker-fails"
  | "mcp-empty"
  | "no-redirect"
  | "page-missing"
  | "config-missing"
  | "html-everywhere"
  | "hangs";

interface Assessment {
  looks: number;
}

/** The platform's HTTP face: a backend, an MCP server and an ingress with TLS, which keep cache entries and assessments. */
export class FakePlatform {
  readonly faults = new Set<PlatformFault>();
  /** `METHOD path` of every request, in order. */
  readonly requests: string[] = [];
  replicas = 1;
  /** The schema revision that the release's own code was made for, if it says so. */
  ownSchema: string | undefined;
  /** Assessments that the worker says it has finished: with a long queue three more at every look. */
  finished = 40;
  /** Answers through the ingress that are still given as if nobody were behind it. */
  unsettled = 0;
  /** Answers through the ingress that the pods of the release of before, 0.9.0, still give. */
  outgoing = 0;
  private readonly cache = new Map<string, string>();
  private readonly assessments = new Map<string, Assessment>();
  private readonly servers: Server[] = [];
  private readonly ports = new Map<string, number>();

  /** Ports on loopback: `backend` and `mcp` in clear, `https` and `http` as the ingress. */
  static async start(tls: { readonly certificate: string; readonly key: string }): Promise<FakePlatform> {
    const platform = new FakePlatform();
    await platform.listen(
      "backend",
      http.createServer((request, response) => void platform.backend(request, response)),
    );
    await platform.listen(
      "worker",
      http.createServer((_, response) => platform.worker(response)),
    );
    await platform.listen(
      "mcp",
      http.createServer((request, response) => platform.mcp(request, response)),
    );
    await platform.listen(
      "http",
      http.createServer((request, response) => platform.plain(request, response)),
    );
    await platform.listen(
      "https",
      https.createServer({ cert: tls.certificate, key: tls.key }, (request, response) => void platform.ingress(request, response)),
    );
    return platform;
  }

  port(name: "backend" | "worker" | "mcp" | "http" | "https"): number {
    const port = this.ports.get(name);
    if (port === undefined) throw new Error(`${name} does not listen`);
    return port;
  }

  /** Tunnels that lead here: port 8000 of a pod is the backend, 8002 the worker, 8080 the MCP server. */
  tunnels(): Tunnels {
    return {
      to: ({ port }) => ({
        connect: async () => connect({ host: "127.0.0.1", port: this.port(port === 8000 ? "backend" : port === 8002 ? "worker" : "mcp") }),
      }),
    };
  }

  async stop(): Promise<void> {
    for (const server of this.servers) {
      if (server instanceof http.Server) server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    }
  }

  private async listen(name: string, server: http.Server | https.Server): Promise<void> {
    this.servers.push(server);
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    this.ports.set(name, (server.address() as AddressInfo).port);
  }

  private async backend(request: http.IncomingMessage, response: http.ServerResponse): Promise<void> {
    const path = request.url ?? "";
    this.requests.push(`${request.method} ${path}`);
    const body = await text(request);
    if (this.faults.has("hangs") && path === "/health") return;
    const [status, answer] = this.answer(`${request.method} ${path}`, body);
    if (this.faults.has("html-everywhere"))
      return void response.writeHead(200, { "content-type": "text/html" }).end("<html>a proxy's login page</html>");
    response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(answer));
  }

  private answer(line: string, body: string): readonly [number, unknown] {
    if (line === "GET /health") return this.faults.has("unhealthy") ? [503, { status: "starting" }] : [200, { status: "ok" }];
    if (line === "GET /api/v1/version") {
      const own = this.ownSchema === undefined ? {} : { releaseSchemaRevision: this.ownSchema };
      return [200, { version: "1.0.0", schemaRevision: this.faults.has("old-schema") ? "0001" : "0002", ...own }];
    }
    if (line === "GET /api/v1/health/database") return this.database();
    if (line === "POST /api/v1/cache/test") return this.setCache(JSON.parse(body));
    if (line.startsWith("GET /api/v1/cache/")) return this.getCache(line.slice("GET /api/v1/cache/".length));
    if (line === "GET /api/v1/tenant/default/config")
      return this.faults.has("tenant-unknown")
        ? [404, { detail: "no such tenant" }]
        : [200, { branding: { brandColour: "#0a5" }, features: {} }];
    if (line === "POST /api/v1/assessments") return this.createAssessment();
    if (line.startsWith("GET /api/v1/assessments/")) return this.assessment(line.slice("GET /api/v1/assessments/".length));
    return [404, { detail: "Not Found" }];
  }

  private database(): readonly [number, unknown] {
    if (this.faults.has("database-down")) return [503, { postgresql: { status: "disconnected", cause: "OperationalError" } }];
    return [
      200,
      {
        postgresql: {
          status: "connected",
          version: "17.2",
          replicas: this.faults.has("replica-behind") ? 0 : this.replicas,
          vector: this.faults.has("no-vector") ? null : "0.8.0",
        },
      },
    ];
  }

  private setCache({ key, value }: { readonly key: string; readonly value: string }): readonly [number, unknown] {
    if (!this.faults.has("cache-forgets")) this.cache.set(key, value);
    return [200, { [key]: value }];
  }

  private getCache(key: string): readonly [number, unknown] {
    const value = this.cache.get(key);
    return value === undefined ? [404, { detail: "no such key" }] : [200, { [key]: value }];
  }

  private createAssessment(): readonly [number, unknown] {
    const id = `assessment-${this.assessments.size + 1}`;
    this.assessments.set(id, { looks: 0 });
    return [202, { id, status: "queued" }];
  }

  /** Queued at the first look, running at the second, completed from the third on. */
  private assessment(id: string): readonly [number, unknown] {
    const found = this.assessments.get(id);
    if (found === undefined) return [404, { detail: "no such assessment" }];
    found.looks += 1;
    if (this.faults.has("worker-stuck") || this.faults.has("queue-long") || found.looks === 1)
      return [200, { status: "queued", trail: [{ component: "backend" }] }];
    if (found.looks === 2) return [200, { status: "running", trail: [{ component: "backend" }, { component: "worker" }] }];
    return [
      200,
      {
        status: this.faults.has("worker-fails") ? "failed" : "completed",
        trail: [{ component: "backend" }, { component: "worker" }, { component: "worker" }],
      },
    ];
  }

  private worker(response: http.ServerResponse): void {
    if (this.faults.has("queue-long")) this.finished += 3;
    const metrics = `# TYPE migrate_assessments_total counter\nmigrate_assessments_total{outcome="completed"} ${this.finished}.0\nmigrate_assessments_total{outcome="failed"} 2.0\n`;
    response.writeHead(200, { "content-type": "text/plain" }).end(metrics);
  }

  private mcp(request: http.IncomingMessage, response: http.ServerResponse): void {
    const tools = this.faults.has("mcp-empty") ? [] : [{ name: "classify_application" }];
    response.writeHead(request.url === "/capabilities" ? 200 : 404, { "content-type": "application/json" }).end(JSON.stringify({ tools }));
  }

  private plain(request: http.IncomingMessage, response: http.ServerResponse): void {
    if (this.faults.has("no-redirect")) return void response.writeHead(200).end("in clear");
    response.writeHead(308, { location: `https://${request.headers.host ?? ""}/` }).end();
  }

  private async ingress(request: http.IncomingMessage, response: http.ServerResponse): Promise<void> {
    if (this.unsettled > 0) {
      this.unsettled -= 1;
      return void response.writeHead(503, { "content-type": "text/html" }).end("nobody to send it to");
    }
    const path = request.url ?? "";
    if (path === "/api/v1/version" && this.outgoing > 0) {
      this.outgoing -= 1;
      const before = { version: "0.9.0", schemaRevision: "0001" };
      return void response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(before));
    }
    if (path.startsWith("/api/")) return this.backend(request, response);
    const files: Readonly<Record<string, string>> = {
      "/config/api-base-url": "https://migrate.client.example",
      "/config/environment": "production",
      "/config/feature-flags": "{}",
    };
    const file = files[path];
    if (file !== undefined && !this.faults.has("config-missing"))
      return void response.writeHead(200, { "content-type": "text/plain" }).end(file);
    if (path === "/" && !this.faults.has("page-missing"))
      return void response.writeHead(200, { "content-type": "text/html" }).end("<title>AI Migration Platform</title>");
    response.writeHead(404).end("not found");
  }
}

async function text(request: http.IncomingMessage): Promise<string> {
  let body = "";
  for await (const chunk of request) body += String(chunk);
  return body;
}
