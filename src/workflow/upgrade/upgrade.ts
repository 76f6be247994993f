import { Problem } from "../../domain/errors/problem.ts";
import { type Finding, overall } from "../../domain/finding.ts";
import type { Plan } from "../../domain/plan/plan.ts";
import { schemaWay, upgradePath } from "../../domain/upgrade/path.ts";
import type { BackupHost } from "../../ports/backup-host.ts";
import type { KitPorts } from "../backup/keep-kit.ts";
import { settleEncryption } from "../backup/settle-encryption.ts";
import type { InstallPorts, InstallRequest } from "../install/install.ts";
import { applyInputs } from "../install/install-start.ts";
import { kitStep } from "../install/kit-step.ts";
import { proveNothingOutside } from "../install/nothing-outside.ts";
import { preflightFailed } from "../install/preflight-failed.ts";
import { repairable } from "../install/repairable.ts";
import { carryOut, makePlan, type Undertaking } from "../run/carry-out.ts";
import { readSituation, type Situation, unfinishedJournal } from "../run/situation.ts";
import { workflow } from "../run/step.ts";
import type { ApplyGive } from "../steps/apply.ts";
import { identityStep } from "../steps/identity.ts";
import { leaseStep } from "../steps/lease.ts";
import { pushStep } from "../steps/push.ts";
import { rolloutStep } from "../steps/rollout.ts";
import { secretsStep } from "../steps/secrets.ts";
import { type RunSmoke, smokeStep } from "../steps/smoke.ts";
import { upgradeApplyStep } from "./apply.ts";
import { type BackUpAndName, type RestorePointGive, restorePointGives, restorePointStep } from "./restore-point.ts";
import { secretsKeptStep, secretsSeenStep } from "./secrets-kept.ts";
import type { UpgradeStart } from "./upgrade-start.ts";

/** What a person asked for. */
export interface UpgradeRequest extends Omit<InstallRequest, "backup"> {
  /** Run what was put off when the release that is installed was upgraded to. */
  readonly finish: boolean;
  /** Take the upgrade back when it fails. */
  readonly rollback: boolean;
}

/** What an upgrade works through. */
export interface UpgradePorts extends Omit<InstallPorts, "backups"> {
  readonly host: Pick<BackupHost, "examine">;
  readonly backUpAndName: BackUpAndName;
  readonly kits: KitPorts;
  /** Tries out the release of before, after an upgrade was taken back. */
  readonly smokeBefore: RunSmoke<UpgradeStart>;
}

/** How an upgrade ended well. */
export interface UpgradeResult {
  /** `unchanged`: exactly this was carried out last, or nothing is left to finish. */
  readonly kind: "planned" | "unchanged" | "upgraded" | "finished";
  readonly from: string;
  readonly plan: Plan;
  readonly findings: readonly Finding[];
  /** Ids of the migrations that wait for `upgrade --finish`. */
  readonly putOff: readonly string[];
  /** The moment before the migrations; absent where each of them has a way back of its own, and in a dry run. */
  readonly restorePoint?: NonNullable<RestorePointGive["restorePoint"]>;
  /** Actions that an earlier, interrupted run had done. */
  readonly resumed: number;
  readonly runFolder: string;
}

/** Actions from whose failure the release of before is brought back; earlier ones have changed nothing that serves. */
const takenBack: ReadonlySet<string> = new Set(["apply", "secrets-kept", "rollout", "smoke"]);

/** An upgrade, in the order it happens. */
function upgrading(ports: UpgradePorts, request: UpgradeRequest) {
  return workflow<UpgradeStart>("upgrade")
    .prepare(identityStep(ports.objects))
    .prepare(leaseStep(ports))
    .step(pushStep(ports.push))
    .step(secretsSeenStep(ports))
    .step(secretsStep(ports))
    .step(restorePointStep(ports.backUpAndName))
    .step(upgradeApplyStep(ports, request))
    .step(secretsKeptStep(ports))
    .step(rolloutStep<UpgradeStart & ApplyGive>(ports.awaitRollout))
    .step(smokeStep(ports.smoke))
    .step(kitStep(ports.kits));
}

/**
 * Brings an installed release to another one, or goes on with an upgrade that was interrupted. Everything up to the confirmed plan reads only;
 * what fails from the moment on at which the chart is applied brings the release of before back. The migrations that run leave the code of before
 * working: what contracts the schema is put off, and run by a later call with `finish`.
 * @throws Problem UPGRADE_*, PREFLIGHT_FAILED, INSTALL_*, RUN_UNFINISHED, RUN_UNDONE, PLAN_STALE, and what the failing action threw
 */
export async function upgrade(ports: UpgradePorts, asked: UpgradeRequest, signal: AbortSignal): Promise<UpgradeResult> {
  const request = { ...asked, answers: await settleEncryption(asked.answers, ports.objects, signal) };
  const { answers, release, bundle } = request;
  const there = await whatIsThere(ports, request, signal);
  const { schema } = there;
  const migrateTo = schema.putOff.length === 0 ? undefined : schema.to;
  const { findings: found, rendered } = await ports.preflight(answers, migrateTo, signal);
  if (request.airgap) proveNothingOutside(rendered, answers);
  const { situation: _situation, ...place } = there;
  const start: UpgradeStart = { ...place, answers, release, bundle, backup: undefined, rendered, schemaRevision: schema.to };
  const undertaking = await upgradeOf(ports, request, start, signal);
  const planned = await makePlan(ports, undertaking, signal);
  const findings = goesOn(there.situation, release.version) ? repairable(found) : found;
  const putOff = schema.putOff.map(({ id }) => id);
  const result = { from: start.from.version, plan: planned.plan, findings, putOff, resumed: 0, runFolder: ports.run.path };
  const nothingToFinish = request.finish && schema.migrations.length === 0 && !goesOn(there.situation, release.version);
  if (planned.carriedOut || nothingToFinish) return { ...result, kind: "unchanged" };
  // Taking that back would lead to the release before, which was left for good.
  if (earlierUpgrade(there.situation, request)?.finished === true)
    throw new Problem("UPGRADE_SAME_VERSION", {
      what: `the upgrade of ${start.name} to ${release.version} has come to its end; this one would change what it has made`,
    });
  if (overall(findings) === "fail") throw preflightFailed(findings);
  for (const { text } of release.notes) ports.progress.tell({ kind: "note", text: `${release.version}: ${text}` });
  if (request.dryRun) return { ...result, kind: "planned" };
  await ports.confirm(planned.plan, findings);
  const { resumed, entries } = await carryOut(ports, undertaking, planned, signal);
  return { ...result, kind: request.finish ? "finished" : "upgraded", ...restorePointOf(entries), resumed };
}

async function upgradeOf(
  ports: UpgradePorts,
  request: UpgradeRequest,
  start: UpgradeStart,
  signal: AbortSignal,
): Promise<Undertaking<UpgradeStart>> {
  const { answers, from, schema } = start;
  return {
    workflow: upgrading(ports, request),
    start,
    subject: () => {
      const { inputs, ...subject } = applyInputs(start);
      return { ...subject, inputs: { ...inputs, from: from.version, revision: String(from.revision), schema: schema.found } };
    },
    by: await ports.by(signal),
    skippedChecks: request.skippedChecks,
    answers,
    schemaRevision: schema.to,
    migrations: schema.migrations.map(({ id, kind }) => ({ id, kind })),
    putOff: schema.putOff.map(({ id }) => id),
    kept: restorePointOf,
    onFailure: ({ action }) => (request.rollback && takenBack.has(action) ? "undo" : "keep"),
  };
}

/** What the journal has of the restore point. */
function restorePointOf(entries: Parameters<NonNullable<Undertaking<UpgradeStart>["kept"]>>[0]): RestorePointGive {
  return restorePointGives.safeParse(entries.find(({ id }) => id === "restore-point")?.output).data ?? {};
}

type There = Pick<UpgradeStart, "name" | "namespace" | "clusterUid" | "from" | "schema"> & { readonly situation: Situation };

/**
 * What is installed: as it is now or, where an upgrade to this release was begun, as the journal tells that it was before.
 * @throws Problem UPGRADE_*, BACKUP_HOST_*
 */
async function whatIsThere(ports: UpgradePorts, request: UpgradeRequest, signal: AbortSignal): Promise<There> {
  const { answers, release, finish } = request;
  const { name, namespace } = answers.release;
  const clusterUid = (await ports.objects.clusterUid(namespace, signal)) ?? "unknown";
  const situation = await readSituation(ports, { name, namespace }, signal);
  const found = situation.release;
  if (found === undefined || found.status === "uninstalled")
    throw new Problem("UPGRADE_NOTHING", { what: `there is no release ${name} in namespace ${namespace}` });
  refuseOverUnfinished(situation, release.version);
  const at = { name, namespace, clusterUid, situation };
  const extent = finish ? "finish" : "expand";
  const earlier = earlierUpgrade(situation, request);
  if (earlier !== undefined) return { ...at, from: earlier.from, schema: schemaWay([earlier.schema], release, extent) };
  const history = await ports.helm.history(name, namespace, signal);
  const { appVersion: version, revision } = history.findLast(({ status }) => status === "deployed") ?? found;
  if (!finish) upgradePath({ name, version }, release, []);
  else if (version !== release.version)
    throw new Problem("UPGRADE_FINISH_OTHER", { what: `release ${name} is version ${version}; the bundle is of ${release.version}` });
  const { schemaRevision } = await ports.host.examine("counts", signal);
  return { ...at, from: { version, revision }, schema: schemaWay(schemaRevision?.split(",") ?? [], release, extent) };
}

/** An upgrade to another release that was interrupted has not proved that one yet. @throws Problem RUN_UNFINISHED */
function refuseOverUnfinished(situation: Situation, version: string): void {
  const unfinished = unfinishedJournal(situation);
  const begun = unfinished?.plan.release.version;
  if (unfinished?.plan.workflow !== "upgrade" || begun === version) return;
  throw new Problem("RUN_UNFINISHED", {
    what: `the upgrade to ${begun} (run ${unfinished.run}) was interrupted`,
    fix: `Finish it with its own bundle: migratectl upgrade --bundle FILE. Or take it back: migratectl rollback.`,
  });
}

/** What an upgrade to this release began from that is unfinished, or was carried out last. */
function earlierUpgrade(
  situation: Situation,
  { release, finish }: Pick<UpgradeRequest, "release" | "finish">,
): { readonly from: UpgradeStart["from"]; readonly schema: string; readonly finished: boolean } | undefined {
  const journal = situation.journal?.kind === "journal" ? situation.journal.journal : undefined;
  if (journal?.plan.workflow !== "upgrade" || journal.plan.release.version !== release.version) return undefined;
  // Taken back to its end it has left nothing to go on with.
  if (journal.finished && journal.direction === "back") return undefined;
  const { from, revision, schema } = journal.plan.inputs;
  if (from === undefined || revision === undefined || schema === undefined) return undefined;
  if (finish !== (from === release.version)) return undefined;
  return { from: { version: from, revision: Number(revision) }, schema, finished: journal.finished };
}

/** True when an upgrade to this release was interrupted: what it has left in Helm is its own. */
function goesOn(situation: Situation, version: string): boolean {
  const journal = unfinishedJournal(situation);
  return journal?.plan.workflow === "upgrade" && journal.plan.release.version === version;
}
