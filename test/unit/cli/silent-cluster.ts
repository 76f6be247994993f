import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** An API server that takes requests and never answers. */
export interface SilentCluster {
  readonly kubeconfig: string;
  /** Resolves when the next request has come. */
  asked(): Promise<void>;
  stop(): Promise<void>;
}

/** Starts one on loopback, with a kubeconfig whose context is `here`. */
export async function silentCluster(): Promise<SilentCluster> {
  const server = createServer(() => {});
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const folder = await mkdtemp(join(tmpdir(), "migratectl-silent-"));
  const kubeconfig = join(folder, "kubeconfig");
  const cluster = `{ server: "http://127.0.0.1:${(server.address() as AddressInfo).port}", insecure-skip-tls-verify: true }`;
  await writeFile(
    kubeconfig,
    `apiVersion: v1\nkind: Config\nclusters: [{ name: c, cluster: ${cluster} }]\nusers: [{ name: u, user: { token: t } }]\ncontexts: [{ name: here, context: { cluster: c, user: u } }]\ncurrent-context: here\n`,
  );
  return {
    kubeconfig,
    async asked() {
      await once(server, "request", { signal: AbortSignal.timeout(15_000) });
    },
    async stop() {
      server.close();
      server.closeAllConnections();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
