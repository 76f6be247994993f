import { z } from "zod";
import { Problem } from "../../domain/errors/problem.ts";
import { type ActionTime, timesOf } from "../../domain/plan/journal.ts";
import type { Plan } from "../../domain/plan/plan.ts";
import type { Actor } from "../../domain/plan/record.ts";
import type { RedisChoice, RedisOutcome } from "../../domain/recovery/redis-snapshot.ts";
import type { BackupHost, DataDirectory } from "../../ports/backup-host.ts";
import type { RedisData } from "../../ports/redis-data.ts";
import type { RestorePods } from "../../ports/restore-pods.ts";
import type { RunningParts } from "../../ports/running-parts.ts";
import type { ScratchDatabases } from "../../ports/scratch-databases.ts";
import { type CarryOutPorts, carryOut, makePlan, type Place, type Undertaking } from "../run/carry-out.ts";
import type { LeasePorts } from "../run/lease.ts";
import { readSituation, unfinishedJournal } from "../run/situation.ts";
import { type Step, workflow } from "../run/step.ts";
import { endScratchStep } from "../scratch/end-scratch.ts";
import { identityStep } from "../steps/identity.ts";
import { leaseStep } from "../steps/lease.ts";
import { type AwaitRollout, rolloutStep } from "../steps/rollout.ts";
import { type RunSmoke, smokeStep } from "../steps/smoke.ts";
import { backInServiceStep } from "./back-in-service.ts";
import { goesOnStep } from "./goes-on.ts";
import { quiesceStep } from "./quiesce.ts";
import { runToEnd } from "./recover.ts";
import { redisBeforeStep, redisGives, redisStep } from "./redis.ts";
import { type StartDatabaseGive, startDatabaseStep } from "./start-database.ts";
import { type StopDatabaseGive, stopDatabaseStep } from "./stop-database.ts";

/** What undoing a restore begins from. */
interface UndoStart extends Place {
  /** The restore that is undone. */
  readonly id: string;
}

/** What undoing a restore works through. */
export interface UndoPorts extends CarryOutPorts, LeasePorts {
  readonly host: BackupHost;
  readonly pods: RestorePods;
  readonly parts: RunningParts;
  readonly scratch: ScratchDatabases;
  readonly redis: RedisData;
  readonly by: (signal: AbortSignal) => Promise<Actor>;
  /** Shows the plan and has the release's name typed. @throws Problem RESTORE_NOT_CONFIRMED */
  readonly confirm: (plan: Plan) => Promise<void>;
  readonly awaitRollout: AwaitRollout;
  readonly smoke: RunSmoke<UndoStart>;
}

/** What a person asked for. */
interface UndoRequest {
  readonly name: string;
  readonly namespace: string;
  readonly dryRun: boolean;
  readonly redis: RedisChoice;
}

/** How undoing a restore ended well. */
export interface UndoResult {
  readonly kind: "planned" | "undone";
  readonly id: string;
  readonly plan: Plan;
  /** What became of Redis; absent in a dry run, and where the release's images do not keep it. */
  readonly redis?: RedisOutcome;
  /** What each action took, in the order they were carried out. */
  readonly actions: readonly ActionTime[];
  readonly seconds: number;
}

/** Undoing a restore, in the order it happens. What the restore had made is kept beside, so that undoing can be undone. */
function undoing({ objects, ...ports }: UndoPorts, redis: RedisChoice) {
  return workflow<UndoStart>("undo-restore")
    .prepare(identityStep(objects))
    .prepare(leaseStep({ objects, ...ports }))
    .step(endScratchStep(ports.scratch))
    .step(quiesceStep(ports))
    .step(redisBeforeStep(ports.host))
    .step(stopDatabaseStep(ports.parts))
    .step(switchBackStep(ports.pods))
    .step(startDatabaseStep<UndoStart>(ports, () => undefined))
    .step(redisStep<UndoStart, UndoStart & StartDatabaseGive>(ports, redis))
    .step(backInServiceStep(ports.parts))
    .step(goesOnStep<UndoStart>(ports.host))
    .step(rolloutStep<UndoStart & StartDatabaseGive>(ports.awaitRollout))
    .step(smokeStep(ports.smoke));
}

function switchBackStep(pods: RestorePods): Step<UndoStart, UndoStart & StopDatabaseGive, object> {
  return {
    id: "switch-back",
    title: "Make the data of before the restore current again",
    describe: () => ({
      touches: ["the link `current` on the data volume; what it pointed to is kept"],
      bytes: 0,
      seconds: 5,
      undo: "restore again",
    }),
    gives: z.object({}),
    run: async ({ id }, context) => {
      await runToEnd(pods, `${id}-undo`, ["undo-restore", id], context);
      return {};
    },
  };
}

/**
 * Brings back the data that the last restore replaced, or goes on with that.
 * @throws Problem RESTORE_NOTHING_TO_UNDO, RESTORE_NOT_CONFIRMED, RUN_UNFINISHED, and what the failing action threw
 */
export async function undoRestore(
  ports: UndoPorts,
  { name, namespace, dryRun, redis }: UndoRequest,
  signal: AbortSignal,
): Promise<UndoResult> {
  const began = ports.clock.now().getTime();
  const clusterUid = (await ports.objects.clusterUid(namespace, signal)) ?? "unknown";
  const place = { name, namespace, clusterUid };
  const journal = unfinishedJournal(await readSituation(ports, place, signal));
  const unfinished = journal?.plan.workflow === "undo-restore" ? journal.plan.inputs["restore"] : undefined;
  const start: UndoStart = { ...place, id: unfinished ?? lastRestore((await ports.host.volume(signal)).directories) };
  const undertaking: Undertaking<UndoStart> = {
    workflow: undoing(ports, redis),
    start,
    subject: ({ release, record }) => ({
      version: release?.appVersion ?? record?.record.entries.at(-1)?.version ?? "",
      inputs: { restore: start.id },
    }),
    by: await ports.by(signal),
    skippedChecks: [],
  };
  const planned = await makePlan(ports, undertaking, signal);
  const result = { id: start.id, plan: planned.plan };
  if (dryRun) return { ...result, kind: "planned", actions: [], seconds: 0 };
  await ports.confirm(planned.plan);
  const { entries } = await carryOut(ports, undertaking, planned, signal);
  const { redisOutcome } = redisGives.parse(entries.find(({ id }) => id === "redis")?.output);
  const brought = redisOutcome === undefined ? {} : { redis: redisOutcome };
  return { ...result, ...brought, kind: "undone", actions: timesOf(entries), seconds: (ports.clock.now().getTime() - began) / 1000 };
}

/** The restore that made what is current, if what it replaced is still there. @throws Problem RESTORE_NOTHING_TO_UNDO */
function lastRestore(directories: readonly DataDirectory[]): string {
  const current = directories.find((directory) => directory.current);
  const replaced = directories.find(({ replacedBy }) => replacedBy !== undefined && current?.name === `17-${replacedBy}`);
  if (replaced?.replacedBy !== undefined) return replaced.replacedBy;
  throw new Problem("RESTORE_NOTHING_TO_UNDO", {
    what: "the volume keeps nothing that a restore has replaced by the data that is current",
  });
}
