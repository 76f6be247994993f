import { join } from "node:path";
import { digestSchema } from "../../domain/digest.ts";
import type { Release } from "../../domain/release/release.ts";
import type { PreflightPorts } from "../../workflow/preflight/preflight.ts";
import { renderValues } from "../../workflow/render/values.ts";
import type { Globals } from "../global-flags.ts";
import { connect } from "./connect.ts";
import { registryReader } from "./registry.ts";
import { type OpenedRelease, renderPorts } from "./render.ts";

/** Everything preflight reads through. `staged` is the release of the bundle; without one the chart of this package stands for it. */
export async function preflightPorts(
  globals: Globals,
  context: string | undefined,
  staged: Pick<OpenedRelease, "release" | "chart" | "helm"> | undefined,
): Promise<PreflightPorts> {
  const { kubernetesFacts } = await import("../../adapters/kubernetes/facts/cluster-facts.ts");
  const { nodeHostFacts } = await import("../../adapters/node/host-facts.ts");
  const { runsFolder } = await import("../../adapters/node/run-store.ts");
  const { client } = await connect(globals, context);
  const { helm, templates } = await renderPorts(staged?.helm, globals);
  return {
    cluster: kubernetesFacts(client),
    host: nodeHostFacts(runsFolder(process.env)),
    registry: await registryReader(globals),
    helm,
    clock: { now: () => new Date() },
    progress: globals.progress,
    async manifests(answers, capabilities, signal) {
      const { release, chart } = staged ?? (await packagedRelease());
      const values = await renderValues({ answers, release }, templates);
      return helm.template({ release: answers.release.name, namespace: answers.release.namespace, chart, values, ...capabilities }, signal);
    },
  };
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
