import type { Answers } from "../../domain/answers/answers.ts";
import type { DiffPorts, WantedRelease } from "../../workflow/diff/diff.ts";
import { renderRelease } from "../../workflow/render/render-release.ts";
import type { Globals } from "../global-flags.ts";
import { connect } from "./connect.ts";
import { clusterCapabilities, type OpenedRelease, renderPorts, settledAnswers } from "./render.ts";

/** What a comparison reads through: Helm's record and the objects of the cluster. */
export async function diffPorts(globals: Globals, context: string | undefined, staged: OpenedRelease | undefined): Promise<DiffPorts> {
  const { createLiveObjects } = await import("../../adapters/kubernetes/live-objects/live-objects.ts");
  const cluster = await connect(globals, context);
  return { helm: await cluster.helm({ carried: staged?.helm }), live: createLiveObjects(cluster.client) };
}

/** The manifests that an install would apply: for what the cluster itself says that it can do, whatever version the answers name. */
export async function wantedRelease(given: Answers, staged: OpenedRelease, globals: Globals): Promise<WantedRelease> {
  const answers = await settledAnswers({ ...given, cluster: { ...given.cluster, kubeVersion: undefined } }, globals);
  const capabilities = await clusterCapabilities(globals, answers.cluster.context);
  const { release, chart, helm } = staged;
  const rendered = await renderRelease({ answers, release, chart, capabilities }, await renderPorts(helm, globals), globals.signal);
  return { version: release.version, manifests: rendered.manifests };
}
