import { join } from "node:path";
import type { Answers } from "../../domain/answers/answers.ts";
import { digestSchema } from "../../domain/digest.ts";
import { Problem } from "../../domain/errors/problem.ts";
import { known, type Reading, unavailable } from "../../domain/reading.ts";
import type { Release } from "../../domain/release/release.ts";
import type { RegistryTarget } from "../../ports/registry.ts";
import type { PreflightPorts } from "../../workflow/preflight.ts";
import { renderValues } from "../../workflow/render/values.ts";
import { registryTarget } from "../../workflow/secrets/registry-target.ts";
import type { Globals } from "../global-flags.ts";
import { type OpenedRelease, renderPorts } from "./render.ts";

/** Everything preflight reads through. `staged` is the release of the bundle; without one the chart of this package stands for it. */
export async function preflightPorts(
  globals: Globals,
  context: string | undefined,
  staged: Pick<OpenedRelease, "release" | "chart" | "helm"> | undefined,
): Promise<PreflightPorts> {
  const { loadKubeConfig } = await import("../../adapters/kubernetes/connection.ts");
  const { ApiClient } = await import("../../adapters/kubernetes/api-client.ts");
  const { kubernetesFacts } = await import("../../adapters/kubernetes/facts/cluster-facts.ts");
  const { nodeHostFacts } = await import("../../adapters/node/host-facts.ts");
  const { createReader } = await import("../../adapters/registry/connector.ts");
  const { createHelm } = await import("../../adapters/helm/helm.ts");
  const { runsFolder } = await import("../../adapters/node/run-store.ts");
  const client = new ApiClient(
    loadKubeConfig({ kubeconfig: globals.kubeconfig, context: globals.context ?? context, environment: process.env["KUBECONFIG"] }),
  );
  return {
    cluster: kubernetesFacts(client),
    host: nodeHostFacts(runsFolder(process.env)),
    registry: createReader(),
    helm: createHelm({ environment: process.env, carried: staged?.helm }),
    clock: { now: () => new Date() },
    progress: globals.progress,
    async manifests(answers, capabilities, signal) {
      const { release, chart } = staged ?? (await packagedRelease());
      const { helm, templates } = await renderPorts(staged?.helm);
      const values = await renderValues(answers, release, templates);
      return helm.template({ release: answers.release.name, namespace: answers.release.namespace, chart, values, ...capabilities }, signal);
    },
  };
}

/** The registry of the answers with its secrets read; what cannot be read is a reading too. */
export async function registryReading(answers: Answers, signal: AbortSignal): Promise<Reading<RegistryTarget>> {
  const { createSecretSources } = await import("../../adapters/node/secret-sources.ts");
  try {
    return known(await registryTarget(answers.registry, createSecretSources(process.env), signal));
  } catch (error) {
    if (error instanceof Problem && !signal.aborted) return unavailable(error.message);
    throw error;
  }
}

/** The chart that this package carries, with no image pinned: enough to know what pods and claims there will be. */
async function packagedRelease(): Promise<{ readonly release: Release; readonly chart: string }> {
  const { templatesFolder } = await import("../../adapters/templates/package-folder.ts");
  const none = digestSchema.parse(`sha256:${"0".repeat(64)}`);
  const release: Release = {
    apiVersion: "migratectl/v1",
    kind: "Release",
    version: "0.0.0",
    chart: { name: "migrate-platform", version: "0.0.0", digest: none },
    schema: { to: "" },
    migrations: [],
    kubernetes: "*",
    upgradeFrom: "*",
    stops: [],
    notes: [],
    images: [],
  };
  return { release, chart: join(templatesFolder(), "chart") };
}
