import { known } from "../../domain/reading.ts";
import { apiVersionsOf } from "../../ports/cluster-facts.ts";
import type { InstallPorts, InstallRequest } from "../../workflow/install/install.ts";
import type { BundleStart } from "../../workflow/install/install-start.ts";
import { runPreflight } from "../../workflow/preflight/preflight.ts";
import { type Rendered, renderRelease } from "../../workflow/render/render-release.ts";
import type { PushBundle } from "../../workflow/steps/push.ts";
import type { AwaitRollout } from "../../workflow/steps/rollout.ts";
import type { Globals } from "../global-flags.ts";
import { type ClusterRun, clusterRun } from "./cluster-run.ts";
import { confirmPlan } from "./confirm-plan.ts";
import { secretSources } from "./connect.ts";
import { fromBackupPorts } from "./from-backup.ts";
import { preflightPorts } from "./preflight.ts";
import { connectRegistry, reachableRegistry } from "./registry.ts";
import { type OpenedRelease, renderPorts } from "./render.ts";
import { smokeOf } from "./run-smoke.ts";

/** Milliseconds that the rollout gets unless --timeout ends the command before. */
const rolloutWithin = 1_200_000;

/** Joins everything that an installation works through on this host and cluster. */
export async function installPorts(request: InstallRequest, staged: OpenedRelease, globals: Globals): Promise<InstallPorts> {
  const run = await clusterRun("install", globals, request.answers.cluster.context, staged.helm);
  const { name: release, namespace } = request.answers.release;
  return { ...(await applyingPorts(run, request, staged, globals)), backups: await fromBackupPorts(run, { release, namespace }, globals) };
}

/** What bringing a release to the cluster works through, from the preflight to the smoke test. */
export async function applyingPorts(
  run: ClusterRun,
  request: Pick<InstallRequest, "answers" | "release" | "skippedChecks">,
  staged: OpenedRelease,
  globals: Globals,
): Promise<Omit<InstallPorts, "backups"> & ClusterRun> {
  const { certificates } = await import("../../adapters/node/certificates.ts");
  return {
    ...run,
    sources: await secretSources(globals),
    certificates,
    preflight: (answers, migrateTo, signal) => preflight({ ...request, answers, migrateTo }, staged, run, globals, signal),
    confirm: (plan, findings) => confirmPlan(plan, globals, { profile: request.answers.profile, findings }),
    push: push(globals),
    awaitRollout: rollout(run),
    smoke: smokeOf(run, ({ release, schemaRevision }) => ({ version: release.version, schemaRevision })),
  };
}

/** What a preflight looks at. */
type PreflightRequest = Pick<InstallRequest, "answers" | "release" | "skippedChecks"> & { readonly migrateTo: string | undefined };

/** Checks cluster, registry and host for a release, and renders it for them. */
async function preflight(
  request: PreflightRequest,
  staged: OpenedRelease,
  run: ClusterRun,
  globals: Globals,
  signal: AbortSignal,
): Promise<Awaited<ReturnType<InstallPorts["preflight"]>>> {
  const { answers, release, skippedChecks, migrateTo } = request;
  const ports = await preflightPorts(globals, answers.cluster.context, staged);
  const skips = new Map(skippedChecks.map(({ check, reason }) => [check, reason]));
  // A password that is not there is no finding about the registry: nothing could be pushed with it.
  const registry = known(await reachableRegistry(answers.registry, globals));
  const { facts, findings } = await runPreflight(
    { ...ports, progress: run.progress },
    { answers, undecided: new Set(), registry, release, skips },
    signal,
  );
  const capabilities = {
    kubeVersion: facts.cluster.version,
    apiVersions: facts.discovery.kind === "known" ? apiVersionsOf(facts.discovery.value) : [],
  };
  const { templates } = await renderPorts(staged.helm, globals);
  const rendered: Rendered = await renderRelease(
    { answers, release, chart: staged.chart, capabilities, migrateTo },
    { helm: run.helm, templates },
    signal,
  );
  return { findings, rendered };
}

/** Pushes the images of a bundle to the registry of the answers. */
function push(globals: Globals): PushBundle {
  return async ({ path }, { answers }, { signal, advance }) => {
    const { bundleOpener } = await import("../../adapters/oci-layout/bundle-opener.ts");
    const { planPush } = await import("../../workflow/bundle/push-plan.ts");
    const { push: pushPlanned } = await import("../../workflow/bundle/push.ts");
    const registry = await connectRegistry(answers.registry, globals);
    const bundle = await bundleOpener.open(path, signal);
    try {
      const plan = await planPush(bundle, registry, registry.target, signal);
      const { sentBytes, presentImages, references } = await pushPlanned(plan, bundle, registry, advance, signal);
      return { sentBytes, presentImages, images: references.length };
    } finally {
      registry.close();
      await bundle.close();
    }
  };
}

/** Waits for a release to be ready, with a view of what it waits for. */
export function rollout({ client, clock }: ClusterRun): AwaitRollout {
  return async ({ name, namespace }, { signal, view, lastResort = false }) => {
    const { createWorkloads } = await import("../../adapters/kubernetes/workloads/workloads.ts");
    const { awaitRollout } = await import("../../workflow/rollout/await-rollout.ts");
    const workloads = createWorkloads(client, () => clock.now());
    const { components, seconds } = await awaitRollout(
      { workloads, clock },
      { release: name, namespace, lastResort },
      { onView: view },
      signal,
      rolloutWithin,
    );
    return { components: components.length, seconds };
  };
}

/** What the plan says of a bundle. Throws as BundleOpener.open. */
export async function bundleStart(path: string, signal: AbortSignal): Promise<BundleStart> {
  const { bundleOpener } = await import("../../adapters/oci-layout/bundle-opener.ts");
  const bundle = await bundleOpener.open(path, signal);
  try {
    return { path, digest: bundle.digest, bytes: bundle.manifest.blobs.reduce((sum, { size }) => sum + size, 0) };
  } finally {
    await bundle.close();
  }
}
