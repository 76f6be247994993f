import type { AnswersFile } from "../../domain/answers/document.ts";
import type { ReleaseScope } from "../../ports/cluster-workloads.ts";
import { readRecord } from "../../workflow/run/record-book.ts";
import { backUpAndNameIn } from "../../workflow/upgrade/restore-point.ts";
import type { RollbackPorts } from "../../workflow/upgrade/rollback.ts";
import type { UpgradePorts, UpgradeRequest } from "../../workflow/upgrade/upgrade.ts";
import type { Globals } from "../global-flags.ts";
import type { Sized } from "../presenters/profile.ts";
import type { InstalledRelease } from "../release-scope.ts";
import { type ClusterRun, clusterObjects, clusterRun } from "./cluster-run.ts";
import { confirmPlan } from "./confirm-plan.ts";
import { connect, secretSources } from "./connect.ts";
import { preflight, push, rollout } from "./install.ts";
import { installedProfile } from "./installed-profile.ts";
import type { OpenedRelease } from "./render.ts";
import { smokeOf } from "./run-smoke.ts";

/** Joins everything that an upgrade works through on this host and cluster. */
export async function upgradePorts(request: UpgradeRequest, staged: OpenedRelease, globals: Globals): Promise<UpgradePorts> {
  const { certificates } = await import("../../adapters/node/certificates.ts");
  const { name: release, namespace } = request.answers.release;
  const run = await clusterRun("upgrade", globals, request.answers.cluster.context, staged.helm);
  return {
    ...run,
    ...(await databasePorts(run, { release, namespace }, globals)),
    sources: await secretSources(globals),
    certificates,
    preflight: (answers, migrateTo, signal) => preflight({ ...request, answers, migrateTo }, staged, run, globals, signal),
    confirm: (plan, findings) => confirmPlan(plan, globals, { profile: request.answers.profile, findings }),
    push: push(globals),
    awaitRollout: rollout(run),
    smoke: smokeOf(run, (start) => ({ version: start.release.version, schemaRevision: start.schemaRevision })),
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

/** The answers that the release was last brought here with, for a host that has no answers file; undefined where the cluster keeps none. */
export async function recordedAnswers({ scope, context }: InstalledRelease, globals: Globals): Promise<AnswersFile | undefined> {
  const { objects } = await clusterObjects(globals, context);
  const answers = (await readRecord(objects, scope.namespace, globals.signal))?.answers;
  return answers === undefined ? undefined : { path: `the answers that namespace ${scope.namespace} keeps`, text: answers };
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
