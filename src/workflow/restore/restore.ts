import { Problem } from "../../domain/errors/problem.ts";
import { type ActionTime, type Journal, secondsBetween, timesOf } from "../../domain/plan/journal.ts";
import type { Plan } from "../../domain/plan/plan.ts";
import type { Actor } from "../../domain/plan/record.ts";
import type { RecoveredCheck } from "../../domain/recovery/judge-recovered.ts";
import type { RedisChoice, RedisOutcome } from "../../domain/recovery/redis-snapshot.ts";
import type { BackupHost, PrimaryState } from "../../ports/backup-host.ts";
import type { DataClaim } from "../../ports/data-claim.ts";
import type { RedisData } from "../../ports/redis-data.ts";
import type { RestorePods } from "../../ports/restore-pods.ts";
import type { RunningParts } from "../../ports/running-parts.ts";
import type { ScratchDatabases } from "../../ports/scratch-databases.ts";
import { type CarryOutPorts, carryOut, makePlan, type Undertaking } from "../run/carry-out.ts";
import type { LeasePorts } from "../run/lease.ts";
import { installedReleases } from "../run/record-book.ts";
import { readSituation, unfinishedJournal } from "../run/situation.ts";
import { workflow } from "../run/step.ts";
import { endScratchStep } from "../scratch/end-scratch.ts";
import { identityStep } from "../steps/identity.ts";
import { leaseStep } from "../steps/lease.ts";
import { type AwaitRollout, rolloutStep } from "../steps/rollout.ts";
import { type RunSmoke, smokeStep } from "../steps/smoke.ts";
import { backInServiceStep } from "./back-in-service.ts";
import { backupAfterStep } from "./backup-after.ts";
import { goesOnStep } from "./goes-on.ts";
import { claimStep, withRepository } from "./lost-volume.ts";
import { unlessNoDatabase } from "./no-database.ts";
import { type ConfirmReached, promoteGives, promoteStep, type RecoveredLook } from "./promote.ts";
import { quiesceStep } from "./quiesce.ts";
import { type RecoverGive, recoverStep } from "./recover.ts";
import { redisBeforeStep, redisGives, redisStep } from "./redis.ts";
import type { RecoveryTarget, RestoreStart } from "./restore-start.ts";
import { type StartDatabaseGive, startDatabaseStep } from "./start-database.ts";
import { stateBeforeStep } from "./state-before.ts";
import { stopDatabaseStep } from "./stop-database.ts";

/** What a person asked for. */
export interface RestoreRequest {
  readonly name: string;
  readonly namespace: string;
  readonly dryRun: boolean;
  /** True when a target was given: then an unfinished restore must be one to this very target. */
  readonly targetGiven: boolean;
  readonly look: RecoveredLook;
  /** What becomes of Redis; no part of the plan's identity, so that a run that cannot load it may be gone on with otherwise. */
  readonly redis: RedisChoice;
}

/** A target, resolved against what the repository holds. */
interface Resolved {
  readonly target: RecoveryTarget;
  readonly systemId: string | undefined;
}

/** What a restore works through. */
export interface RestorePorts extends CarryOutPorts, LeasePorts {
  readonly host: BackupHost;
  readonly pods: RestorePods;
  readonly claim: DataClaim;
  readonly parts: RunningParts;
  readonly scratch: ScratchDatabases;
  readonly redis: RedisData;
  /** Finds set, timeline and target for what was asked; without a volume there is no room on it to look at. Reads only. @throws Problem RECOVERY_*, REPOSITORY_*, BACKUP_*, TIME_*, USAGE without a target */
  readonly resolve: (volumeLost: boolean, signal: AbortSignal) => Promise<Resolved>;
  readonly newId: () => string;
  readonly by: (signal: AbortSignal) => Promise<Actor>;
  /** Shows the plan and has the release's name typed. @throws Problem RESTORE_NOT_CONFIRMED, USAGE when nobody can be asked */
  readonly confirm: (plan: Plan) => Promise<void>;
  readonly confirmReached: ConfirmReached;
  readonly awaitRollout: AwaitRollout;
  readonly smoke: RunSmoke<RestoreStart>;
}

/** How a restore ended well. */
export interface RestoreResult {
  readonly kind: "planned" | "restored";
  readonly id: string;
  readonly target: RecoveryTarget;
  readonly plan: Plan;
  /** What was seen of the restored database before it became the one that serves; empty in a dry run. */
  readonly checks: readonly (RecoveredCheck & { readonly skipped?: string })[];
  /** What became of Redis; absent in a dry run, and where the release's images do not keep it. */
  readonly redis?: RedisOutcome;
  /** Actions that an earlier, interrupted run had done. */
  readonly resumed: number;
  /** What each action took, in the order they were carried out. */
  readonly actions: readonly ActionTime[];
  /** Seconds during which the platform did not serve, an interruption in between included; absent in a dry run. */
  readonly outOfService?: number;
  readonly seconds: number;
}

/** Actions from whose failure the old data is brought back; later ones leave a restored platform that needs attention. */
const takenBack: ReadonlySet<string> = new Set([
  "quiesce",
  "state-before",
  "redis-before",
  "stop-database",
  "claim",
  "recover",
  "promote",
  "start-database",
]);

/** A restore, in the order it happens. */
function restoration({ objects, ...ports }: RestorePorts, { look, redis }: Pick<RestoreRequest, "look" | "redis">) {
  return workflow<RestoreStart>("restore")
    .prepare(identityStep(objects))
    .prepare(leaseStep({ objects, ...ports }))
    .step(endScratchStep(ports.scratch))
    .step(quiesceStep(ports))
    .step(stateBeforeStep(ports.host))
    .step(redisBeforeStep(ports.host))
    .step(stopDatabaseStep(ports.parts))
    .step(claimStep(ports))
    .step(recoverStep(ports.pods))
    .step(promoteStep(ports.pods, { confirm: ports.confirmReached, look, redis }))
    .step(startDatabaseStep<RestoreStart>(ports, notRestored))
    .step(redisStep<RestoreStart, RestoreStart & RecoverGive & StartDatabaseGive>(ports, redis))
    .step(backInServiceStep(ports.parts))
    .step(goesOnStep<RestoreStart>(ports.host))
    .step(rolloutStep<RestoreStart & StartDatabaseGive>(ports.awaitRollout))
    .step(smokeStep(ports.smoke))
    .step(backupAfterStep(ports));
}

/**
 * Brings the database to a moment, or goes on with a restore that was interrupted. Everything up to the confirmed plan reads only; until the
 * database serves again, a failure brings the old data back.
 * @throws Problem RESTORE_*, RECOVERY_*, RUN_UNFINISHED, RUN_UNDONE, PLAN_STALE, and what the failing action threw
 */
export async function restore(ports: RestorePorts, request: RestoreRequest, signal: AbortSignal): Promise<RestoreResult> {
  const began = ports.clock.now().getTime();
  const start = await startOf(ports, request, signal);
  const undertaking: Undertaking<RestoreStart> = {
    workflow: restoration(ports, request),
    start,
    subject: ({ release, record }) => ({
      version: release?.appVersion ?? record?.record.entries.at(-1)?.version ?? "",
      inputs: inputsOf(start),
    }),
    by: await ports.by(signal),
    skippedChecks: [...request.look.skips].map(([check, reason]) => ({ check, reason })),
    onFailure: ({ action }) => (takenBack.has(action) ? "undo" : "keep"),
  };
  const planned = await makePlan(ports, undertaking, signal);
  const result = { id: start.id, target: start.target, plan: planned.plan };
  if (request.dryRun) return { ...result, kind: "planned", checks: [], resumed: 0, actions: [], seconds: 0 };
  await ports.confirm(planned.plan);
  const { entries, resumed } = await carryOut(ports, undertaking, planned, signal);
  const { checks } = promoteGives.parse(entries.find(({ id }) => id === "promote")?.output);
  const seconds = (ports.clock.now().getTime() - began) / 1000;
  const { redisOutcome } = redisGives.parse(entries.find(({ id }) => id === "redis")?.output);
  const redis = redisOutcome === undefined ? {} : { redis: redisOutcome };
  const outOfService = secondsBetween(entries, "quiesce", "back-in-service");
  const served = outOfService === undefined ? {} : { outOfService };
  return { ...result, kind: "restored", checks, ...redis, resumed, actions: timesOf(entries), ...served, seconds };
}

function notRestored({ systemId, target }: RestoreStart, primary: PrimaryState): string | undefined {
  if (systemId !== undefined && primary.systemId !== systemId) return `the database that runs now is ${primary.systemId}, not ${systemId}`;
  if (primary.timeline <= target.timeline) return `the database is on timeline ${primary.timeline}: it was not promoted`;
  return undefined;
}

/** The restore that was interrupted, or a new one. */
async function startOf(
  ports: RestorePorts,
  { name, namespace, targetGiven, dryRun }: RestoreRequest,
  signal: AbortSignal,
): Promise<RestoreStart> {
  const clusterUid = (await ports.objects.clusterUid(namespace, signal)) ?? "unknown";
  const place = { name, namespace, clusterUid };
  const situation = await readSituation(ports, place, signal);
  const releases = installedReleases(situation.record);
  const journal = unfinishedJournal(situation);
  const unfinished = journal?.plan.workflow === "restore" ? startFrom(journal) : undefined;
  if (unfinished === undefined) return { ...place, releases, id: ports.newId(), ...(await resolved(ports, dryRun, signal)) };
  // While the database is stopped nothing can be resolved; then what was begun is what is meant.
  const wanted = targetGiven ? await ports.resolve(unfinished.volumeLost, signal).catch(unlessNoDatabase) : undefined;
  if (wanted !== undefined && JSON.stringify(wanted.target) !== JSON.stringify(unfinished.target))
    throw new Problem("RESTORE_UNFINISHED", { what: `the restore ${unfinished.id} to ${textOf(unfinished.target)} was interrupted` });
  return { ...place, releases, ...unfinished };
}

/**
 * What was asked for, resolved. Where the volume is lost and no pod of the database runs, the repository is asked from a pod of its own; a dry
 * run starts none.
 */
async function resolved(ports: RestorePorts, dryRun: boolean, signal: AbortSignal): Promise<Resolved & Pick<RestoreStart, "volumeLost">> {
  const volumeLost = !(await ports.claim.exists(signal));
  const resolve = async () => ({ ...(await ports.resolve(volumeLost, signal)), volumeLost });
  return volumeLost && !dryRun ? await withRepository(ports, resolve, signal) : await resolve();
}

/** What the journal keeps of a restore, as text. */
function inputsOf({
  id,
  target,
  systemId,
  volumeLost,
}: Pick<RestoreStart, "id" | "target" | "systemId" | "volumeLost">): Readonly<Record<string, string>> {
  return {
    restore: id,
    set: target.set,
    timeline: String(target.timeline),
    type: target.type,
    ...(target.value === undefined ? {} : { target: target.value }),
    ...(systemId === undefined ? {} : { systemId }),
    ...(volumeLost ? { volume: "lost" } : {}),
  };
}

function startFrom({ plan: { inputs } }: Journal): Pick<RestoreStart, "id" | "target" | "systemId" | "volumeLost"> {
  const { restore: id = "", set = "", timeline, type, target, systemId, volume } = inputs;
  const known = (["time", "lsn", "immediate"] as const).find((one) => one === type) ?? "immediate";
  return { id, target: { set, timeline: Number(timeline), type: known, value: target }, systemId, volumeLost: volume === "lost" };
}

/** The target in words: `time 2026-11-23 05:00:00.000000+00 on timeline 1, from set 20261123-000000F`. */
export function textOf({ set, timeline, type, value }: RecoveryTarget): string {
  return `${type === "immediate" ? "the end of the backup" : `${type} ${value ?? ""}`} on timeline ${timeline}, from set ${set}`;
}
