import type { AnswersFile } from "../../domain/answers/document.ts";
import type { NeedingRelease } from "../../domain/answers/needed.ts";
import { isTree, withoutValue } from "../../domain/answers/tree.ts";
import { releaseOf } from "../../domain/bundle.ts";
import type { ReleaseScope } from "../../ports/cluster-workloads.ts";
import { readRelease } from "../../workflow/release/read-release.ts";
import type { ReleaseOrigin } from "../../workflow/release/stage-release.ts";
import { readRecord } from "../../workflow/run/record-book.ts";
import { backUpAndNameIn } from "../../workflow/upgrade/restore-point.ts";
import type { RollbackPorts } from "../../workflow/upgrade/rollback.ts";
import { stopsTo } from "../../workflow/upgrade/stops.ts";
import type { UpgradePorts, UpgradeRequest } from "../../workflow/upgrade/upgrade.ts";
import type { Globals } from "../global-flags.ts";
import type { Sized } from "../presenters/profile.ts";
import type { InstalledRelease } from "../release-scope.ts";
import { bundlePorts } from "./bundle.ts";
import { type ClusterRun, clusterObjects, clusterRun } from "./cluster-run.ts";
import { confirmPlan } from "./confirm-plan.ts";
import { connect } from "./connect.ts";
import { applyingPorts, rollout } from "./install.ts";
import { installedProfile } from "./installed-profile.ts";
import type { OpenedRelease } from "./render.ts";
import { smokeOf } from "./run-smoke.ts";

/** Joins everything that an upgrade works through on this host and cluster. */
export async function upgradePorts(request: UpgradeRequest, staged: OpenedRelease, globals: Globals): Promise<UpgradePorts> {
  const { name: release, namespace } = request.answers.release;
  const run = await clusterRun("upgrade", globals, request.answers.cluster.context, staged.helm);
  return {
    ...(await applyingPorts(run, request, staged, globals)),
    ...(await databasePorts(run, { release, namespace }, globals)),
    smokeBefore: smokeOf(run, ({ from }) => ({ version: from.version })),
  };
}

/** Joins what going back to an earlier release works through. */
export async function rollbackPorts({ scope, context }: InstalledRelease, globals: Globals): Promise<Sized<RollbackPorts>> {
  const run = await clusterRun("rollback", globals, context, undefined);
  const profile = await installedProfile(run.client, scope, globals.signal);
  const { host } = await databasePorts(run, scope, globals);
  return {
    ...run,
    host,
    profile,
    confirm: (plan) => confirmPlan(plan, globals, { profile, findings: [] }),
    awaitRollout: rollout(run),
    smoke: smokeOf(run, ({ to }) => ({ version: to.version })),
  };
}

/** A release on the way. */
interface UpgradeStop extends NeedingRelease {
  readonly origin: ReleaseOrigin;
}

/**
 * The releases to upgrade to, one after the other: of a bundle or a release folder the one, of a folder with bundles all that have to be passed.
 * @throws Problem as stopsTo, BUNDLE_*
 */
export async function upgradeStops(
  origin: ReleaseOrigin,
  { to, finish }: { readonly to: string | undefined; readonly finish: boolean },
  { scope, context }: InstalledRelease,
  globals: Globals,
): Promise<readonly UpgradeStop[]> {
  const { bundlesIn } = await import("../../adapters/node/bundles-in.ts");
  const folder = origin.kind === "bundle" ? await bundlesIn(origin.path) : undefined;
  const paths = folder ?? (to === undefined ? undefined : [origin.path]);
  if (paths === undefined || finish) return [{ ...(await releaseAt(origin, globals)), origin }];
  const { bundleOpener } = await import("../../adapters/oci-layout/bundle-opener.ts");
  const atHand = await Promise.all(
    paths.map(async (path) => {
      const bundle = await bundleOpener.open(path, globals.signal);
      await bundle.close();
      return { ...releaseOf(bundle.manifest, path), origin: { kind: "bundle", path } as const };
    }),
  );
  const run = await clusterRun("upgrade", globals, context, undefined);
  return await stopsTo(run, { name: scope.release, namespace: scope.namespace, to }, atHand, globals.signal);
}

/** The release that a bundle or a folder says it is. */
async function releaseAt(origin: ReleaseOrigin, globals: Globals): Promise<NeedingRelease> {
  if (origin.kind === "bundle") return await readRelease((await bundlePorts(globals)).bundles, origin.path, globals.signal);
  const { releaseFolder } = await import("../../adapters/oci-layout/release-folder.ts");
  return await releaseFolder.spec(origin.path);
}

/**
 * The answers that the release was last brought here with, for a host that has no answers file; undefined where the cluster keeps none. What
 * they say of the cluster is left out: its context has a name in the kubeconfig of whoever wrote them, and its version may be another one now.
 */
export async function recordedAnswers({ scope, context }: InstalledRelease, globals: Globals): Promise<AnswersFile | undefined> {
  const { objects } = await clusterObjects(globals, context);
  const text = (await readRecord(objects, scope.namespace, globals.signal))?.answers;
  if (text === undefined) return undefined;
  const path = `the answers that namespace ${scope.namespace} keeps`;
  return { path, text: withoutCluster(text) };
}

/** Text that is no JSON stays: reading it as answers tells what is wrong with it. */
function withoutCluster(text: string): string {
  try {
    const answers: unknown = JSON.parse(text);
    return isTree(answers) ? JSON.stringify(withoutValue(answers, ["cluster"])) : text;
  } catch (error) {
    if (error instanceof SyntaxError) return text;
    throw error;
  }
}

async function databasePorts(
  run: ClusterRun,
  scope: ReleaseScope,
  globals: Globals,
): Promise<Pick<UpgradePorts, "host" | "kits" | "backUpAndName">> {
  const { createPodExec } = await import("../../adapters/kubernetes/exec/pod-exec.ts");
  const { backupPod, createBackupHost } = await import("../../adapters/kubernetes/backup-host/backup-host.ts");
  const { createKitStore } = await import("../../adapters/kubernetes/backup-host/kit-store.ts");
  const { sealer } = await import("../../adapters/node/sealer.ts");
  const { client, objects, clock } = run;
  const { proxies } = await connect(globals, undefined);
  const exec = createPodExec(client.config, proxies);
  const kits = createKitStore(exec, (signal) => backupPod(client, scope, signal));
  const host = createBackupHost(client, exec, scope);
  return { host, backUpAndName: backUpAndNameIn({ host, clock }), kits: { objects, kits, sealer, clock } };
}
