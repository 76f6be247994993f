import { randomBytes } from "node:crypto";
import type { ApiClient } from "../../adapters/kubernetes/api-client.ts";
import type { SmokePorts } from "../../workflow/smoke/run-smoke.ts";
import type { Globals } from "../global-flags.ts";

/** What the smoke test uses: the API server for reading and for tunnels, this host's network for the ingress. */
export async function smokePorts(client: ApiClient): Promise<SmokePorts> {
  const { createWorkloads } = await import("../../adapters/kubernetes/workloads/workloads.ts");
  const { createTunnels } = await import("../../adapters/kubernetes/tunnel/tunnel.ts");
  const { httpProbe } = await import("../../adapters/node/http-probe.ts");
  const { systemClock } = await import("../../adapters/node/clock.ts");
  return {
    workloads: createWorkloads(client, () => systemClock.now()),
    tunnels: createTunnels(client.config),
    http: httpProbe,
    clock: systemClock,
    nonce: () => randomBytes(6).toString("hex"),
  };
}

/** The cluster of the global flags. @throws Problem KUBECONFIG_*, CONTEXT_UNKNOWN */
export async function clientFor(globals: Globals, context: string | undefined): Promise<ApiClient> {
  const { loadKubeConfig } = await import("../../adapters/kubernetes/connection.ts");
  const { ApiClient } = await import("../../adapters/kubernetes/api-client.ts");
  return new ApiClient(loadKubeConfig({ kubeconfig: globals.kubeconfig, context, environment: process.env["KUBECONFIG"] }));
}
