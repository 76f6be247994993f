import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import type { IncomingMessage, ServerResponse } from "node:http";
import { createServer, type ServerOptions } from "node:https";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createAuthority, type TestAuthority } from "../../fakes/certificates.ts";

/** A small https server that stands where an API server should, and a kubeconfig that points to it. */
export interface ScriptedServer {
  readonly url: string;
  readonly authority: TestAuthority;
  /** Paths asked for, in order. */
  readonly requests: string[];
  /** Writes a kubeconfig for this server and gives its path; `cluster` and `user` replace what stands there. */
  kubeconfig(parts?: { readonly cluster?: object; readonly user?: object }): string;
  close(): Promise<void>;
}

/** Starts the server on a free loopback port; `answer` decides what each request gets. */
export async function scriptedServer(
  answer: (request: IncomingMessage, response: ServerResponse, count: number) => void,
  tls: ServerOptions = {},
): Promise<ScriptedServer> {
  const authority = createAuthority("cluster CA");
  const folder = mkdtempSync(join(tmpdir(), "migratectl-kube-"));
  const requests: string[] = [];
  const server = createServer({ ...authority.issue(["127.0.0.1"]), ...tls }, (request, response) => {
    requests.push(request.url ?? "");
    answer(request, response, requests.length);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("no port");
  const url = `https://127.0.0.1:${address.port}`;
  return {
    url,
    authority,
    requests,
    kubeconfig: (parts = {}) => {
      const path = join(folder, `config-${Math.random().toString(36).slice(2)}`);
      writeFileSync(
        path,
        JSON.stringify({
          apiVersion: "v1",
          kind: "Config",
          "current-context": "prod",
          contexts: [
            { name: "prod", context: { cluster: "c", user: "u" } },
            { name: "staging", context: { cluster: "c", user: "u" } },
          ],
          clusters: [
            {
              name: "c",
              cluster: { server: url, "certificate-authority-data": Buffer.from(authority.pem).toString("base64"), ...parts.cluster },
            },
          ],
          users: [{ name: "u", user: parts.user ?? { token: "a-token" } }],
        }),
      );
      return path;
    },
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      rmSync(folder, { recursive: true });
    },
  };
}

/** Answers with JSON. */
export function json(response: ServerResponse, status: number, body: unknown, headers: Record<string, string> = {}): void {
  response.writeHead(status, { "content-type": "application/json", ...headers });
  response.end(JSON.stringify(body));
}
