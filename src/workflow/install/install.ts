import type { Answers } from "../../domain/answers/answers.ts";
import { Problem } from "../../domain/errors/problem.ts";
import { type Finding, overall } from "../../domain/finding.ts";
import type { Plan } from "../../domain/plan/plan.ts";
import type { Actor } from "../../domain/plan/record.ts";
import { migrationsAfter } from "../../domain/release/migration.ts";
import type { Release } from "../../domain/release/release.ts";
import { settleEncryption } from "../backup/settle-encryption.ts";
import type { Rendered } from "../render/render-release.ts";
import { backInServiceStep } from "../restore/back-in-service.ts";
import { type QuiesceGive, quiesceStep } from "../restore/quiesce.ts";
import { type CarryOutPorts, carryOut, makePlan, type Planned, type Undertaking } from "../run/carry-out.ts";
import { dropAbandonedLease, type LeasePorts } from "../run/lease.ts";
import { readRecord, stoppedAt } from "../run/record-book.ts";
import { type Situation, unfinishedJournal } from "../run/situation.ts";
import { workflow } from "../run/step.ts";
import { type ApplyGive, applyStep } from "../steps/apply.ts";
import { identityStep } from "../steps/identity.ts";
import { leaseStep } from "../steps/lease.ts";
import { namespaceStep } from "../steps/namespace.ts";
import { type PushBundle, pushStep } from "../steps/push.ts";
import { type AwaitRollout, rolloutStep } from "../steps/rollout.ts";
import { type SecretPorts, secretsStep } from "../steps/secrets.ts";
import { type RunSmoke, smokeStep } from "../steps/smoke.ts";
import { bringStep, type FromBackupPorts, firstBackupStep, redisFromBackupStep, restoreDataStep, whenFromBackup } from "./from-backup.ts";
import { applyInputs, type BackupSource, type BundleStart, type InstallStart } from "./install-start.ts";
import { kitStep } from "./kit-step.ts";
import { proveNothingOutside } from "./nothing-outside.ts";
import { preflightFailed } from "./preflight-failed.ts";
import { repairable } from "./repairable.ts";

/** What a person asked for. */
export interface InstallRequest {
  readonly answers: Answers;
  readonly release: Release;
  readonly bundle: BundleStart | undefined;
  /** Make the platform of these backups. */
  readonly backup: BackupSource | undefined;
  /** Refuse any image from outside the registry of the answers. */
  readonly airgap: boolean;
  /** Let the chart's value win where somebody else changed a field. */
  readonly takeOverConflicts: boolean;
  readonly skippedChecks: readonly { readonly check: string; readonly reason: string }[];
  readonly dryRun: boolean;
}

/** What an installation works through. */
export interface InstallPorts extends CarryOutPorts, LeasePorts, SecretPorts {
  /** Checks cluster, registry and host, and renders the release for them. Reads only. */
  readonly preflight: (
    answers: Answers,
    /** Revision at which the migrations stop; undefined: they go as far as the release does. */
    migrateTo: string | undefined,
    signal: AbortSignal,
  ) => Promise<{ readonly findings: readonly Finding[]; readonly rendered: Rendered }>;
  readonly by: (signal: AbortSignal) => Promise<Actor>;
  /** Shows the plan and asks. @throws Problem INSTALL_NOT_CONFIRMED, USAGE when nobody can be asked */
  readonly confirm: (plan: Plan, findings: readonly Finding[]) => Promise<void>;
  readonly push: PushBundle;
  readonly awaitRollout: AwaitRollout;
  readonly smoke: RunSmoke<InstallStart>;
  readonly backups: FromBackupPorts;
}

/** How an installation ended well. */
export interface InstallResult {
  readonly kind: "planned" | "unchanged" | "installed";
  readonly plan: Plan;
  readonly findings: readonly Finding[];
  /** Actions that an earlier, interrupted run had done. */
  readonly resumed: number;
  readonly runFolder: string;
  /** True when backups are encrypted, with a key that has to be kept outside the cluster too. */
  readonly encrypted: boolean;
}

/** What was taken out of service where nothing was. */
const inService: QuiesceGive = { outOfService: { parts: [], schedules: [], scalers: [], entrances: [] }, connections: 0 };

/** An installation, in the order it happens. What is made of backups rests while Redis is brought to the database's moment. */
function installation(ports: InstallPorts, request: InstallRequest) {
  return workflow<InstallStart>("install")
    .prepare(identityStep(ports.objects))
    .prepare(namespaceStep(ports.objects))
    .prepare(leaseStep(ports))
    .step(pushStep(ports.push))
    .step(secretsStep(ports))
    .step(bringStep(ports.backups))
    .step(restoreDataStep(ports.backups))
    .step(applyStep(ports, request))
    .step(rolloutStep<InstallStart & ApplyGive>(ports.awaitRollout))
    .step(whenFromBackup(quiesceStep(ports.backups), inService))
    .step(redisFromBackupStep(ports.backups))
    .step(whenFromBackup(backInServiceStep(ports.backups.parts), {}))
    .step(kitStep(ports.backups))
    .step(smokeStep(ports.smoke))
    .step(firstBackupStep(ports.backups));
}

/**
 * Installs a release, or goes on with an installation that was interrupted. Everything up to the confirmed plan reads only.
 * @throws Problem PREFLIGHT_FAILED, INSTALL_*, BACKUP_ENCRYPTION_FIXED, BACKUP_KEY_MISSING, RUN_UNFINISHED, PLAN_STALE, and what the failing action threw
 */
export async function install(ports: InstallPorts, asked: InstallRequest, signal: AbortSignal): Promise<InstallResult> {
  const request = { ...asked, answers: await settleEncryption(asked.answers, ports.objects, signal) };
  // What an upgrade put off stays so until that is finished.
  const stopped = stoppedAt(await readRecord(ports.objects, request.answers.release.namespace, signal), request.release);
  const checked = await ports.preflight(request.answers, stopped, signal);
  if (request.airgap) proveNothingOutside(checked.rendered, request.answers);

  const undertaking = await installing(
    ports,
    request,
    { rendered: checked.rendered, schemaRevision: stopped ?? request.release.schema.to },
    signal,
  );
  const planned = await makePlan(ports, undertaking, signal);
  const { plan, situation, carriedOut } = planned;
  refuseOtherVersion(situation, request);
  refuseBackupOver(planned, request);
  const findings = wasCutOffInHelm(situation) ? repairable(checked.findings) : checked.findings;
  const result = { plan, findings, resumed: 0, runFolder: ports.run.path, encrypted: request.answers.backup.encryption !== "none" };

  if (carriedOut) {
    if (!request.dryRun) await dropAbandonedLease(ports, plan.release.namespace, signal);
    return { ...result, kind: "unchanged" };
  }
  if (overall(findings) === "fail") throw preflightFailed(findings);
  if (request.dryRun) return { ...result, kind: "planned" };
  await ports.confirm(plan, findings);

  const { resumed } = await carryOut(ports, undertaking, planned, signal);
  return { ...result, kind: "installed", resumed };
}

async function installing(
  ports: InstallPorts,
  request: InstallRequest,
  { rendered, schemaRevision }: Pick<InstallStart, "rendered" | "schemaRevision">,
  signal: AbortSignal,
): Promise<Undertaking<InstallStart>> {
  const { answers, release, bundle, backup, skippedChecks } = request;
  const { name, namespace } = answers.release;
  const clusterUid = (await ports.objects.clusterUid(namespace, signal)) ?? "unknown";
  return {
    workflow: installation(ports, request),
    start: { name, namespace, clusterUid, answers, release, bundle, backup, rendered, schemaRevision },
    subject: () => {
      const { inputs, ...subject } = applyInputs({ release, rendered, bundle });
      const source = backup === undefined ? {} : { backup: backup.kind === "file" ? backup.digest : backup.kind };
      return { ...subject, inputs: { ...inputs, ...source } };
    },
    by: await ports.by(signal),
    skippedChecks,
    answers,
    schemaRevision,
    putOff: migrationsAfter(release, schemaRevision),
  };
}

/** Backups make an empty place into the platform; what is there already is restored. @throws Problem INSTALL_BACKUP_OVER */
function refuseBackupOver({ situation, carriedOut }: Planned, { backup, answers }: InstallRequest): void {
  const there = situation.release !== undefined && situation.release.status !== "uninstalled";
  if (backup === undefined || !there || carriedOut || unfinishedJournal(situation)?.plan.workflow === "install") return;
  const { name, namespace } = answers.release;
  throw new Problem("INSTALL_BACKUP_OVER", { what: `release ${name} is installed in namespace ${namespace} already` });
}

/** Another version over what is there is an upgrade, whose care an installation does not take. @throws Problem INSTALL_OTHER_VERSION */
function refuseOtherVersion({ release: found }: Situation, { answers, release }: InstallRequest): void {
  if (found === undefined || found.status === "uninstalled" || found.appVersion === release.version) return;
  const { name, namespace } = answers.release;
  throw new Problem("INSTALL_OTHER_VERSION", {
    what: `release ${name} in namespace ${namespace} is version ${found.appVersion}; this is ${release.version}`,
  });
}

/** True when an earlier installation was cut off while Helm was at work: this run repairs what it was left with. */
function wasCutOffInHelm(situation: Situation): boolean {
  return unfinishedJournal(situation)?.entries.some(({ id, state }) => id === "apply" && state === "running") ?? false;
}
