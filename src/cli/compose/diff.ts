import type { Answers } from "../../domain/answers/answers.ts";
import type { DiffPorts, WantedRelease } from "../../workflow/diff/diff.ts";
import { migrationsStop } from "../../workflow/diff/migrations-stop.ts";
import { renderRelease } from "../../workflow/render/render-release.ts";
import { readRecord } from "../../workflow/run/record-book.ts";
import type { Globals } from "../global-flags.ts";
import { connect } from "./connect.ts";
import { clusterCapabilities, type OpenedRelease, renderPorts, settledAnswers } from "./render.ts";

/** What a comparison reads through: Helm's record and the objects of the cluster. */
export async function diffPorts(globals: Globals, context: string | undefined, staged: OpenedRelease | undefined): Promise<DiffPorts> {
  const { createLiveObjects } = await import("../../adapters/kubernetes/live-objects/live-objects.ts");
  const cluster = await connect(globals, context);
  return { helm: await cluster.helm({ carried: staged?.helm }), live: createLiveObjects(cluster.client) };
}

/** The manifests that an install or upgrade would apply: for what the cluster itself says that it can do, whatever version the answers name. */
export async function wantedRelease(given: Answers, staged: OpenedRelease, globals: Globals): Promise<WantedRelease> {
  const answers = await settledAnswers({ ...given, cluster: { ...given.cluster, kubeVersion: undefined } }, globals);
  const { context } = answers.cluster;
  const { release, chart, helm } = staged;
  const capabilities = await clusterCapabilities(globals, context);
  const { objects } = await connect(globals, context);
  const migrateTo = migrationsStop(await readRecord(objects, answers.release.namespace, globals.signal), release);
  const request = { answers, release, chart, capabilities, migrateTo };
  const rendered = await renderRelease(request, await renderPorts(helm, globals), globals.signal);
  return { version: release.version, manifests: rendered.manifests };
}
