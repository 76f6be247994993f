import { Problem } from "../../domain/errors/problem.ts";
import type { Instant } from "../../domain/recovery/instant.ts";
import { lsnTarget, type RecoveryTarget, timeTarget } from "../../domain/recovery/target.ts";
import type { ReleaseScope } from "../../ports/cluster-workloads.ts";
import { type MomentRequest, requireStanding, resolveMoment } from "../../workflow/restore/resolve-moment.ts";
import type { RestorePorts } from "../../workflow/restore/restore.ts";
import type { UndoPorts } from "../../workflow/restore/undo-restore.ts";
import { previewTarget } from "../../workflow/scratch/preview.ts";
import { recoveryTargetOf } from "../../workflow/scratch/scratch-moment.ts";
import type { Globals } from "../global-flags.ts";
import { mayAsk } from "../load-answers.ts";
import { checksText, momentText } from "../presenters/moment.ts";
import type { Sized } from "../presenters/profile.ts";
import { backupPorts } from "./backup.ts";
import { type ClusterRun, clusterRun } from "./cluster-run.ts";
import { askFor, confirmByName } from "./confirm-plan.ts";
import { rollout } from "./install.ts";
import { smokeOf } from "./run-smoke.ts";

/** The moment that a person asked for, as flags. */
export interface WantedMoment {
  readonly time: string | undefined;
  readonly lsn: string | undefined;
  readonly name: string | undefined;
  readonly backup: string | undefined;
  /** The newest commit in the archive. */
  readonly latest: boolean;
  readonly timeline: number | undefined;
}

/** Joins what undoing a restore works through. */
export async function undoPorts(
  confirmed: string | undefined,
  scope: ReleaseScope,
  context: string | undefined,
  globals: Globals,
): Promise<Sized<UndoPorts>> {
  const common = await databasePorts("undo-restore", confirmed, scope, context, globals);
  return { ...common, awaitRollout: rollout(common), smoke: smokeOf(common, () => ({})) };
}

/** Joins what a restore works through; `confirmed` is the release's name, given in place of typing it. */
export async function restorePorts(
  wanted: WantedMoment,
  confirmed: string | undefined,
  scope: ReleaseScope,
  context: string | undefined,
  globals: Globals,
): Promise<Sized<RestorePorts>> {
  const run = await databasePorts("restore", confirmed, scope, context, globals);
  const resolve: RestorePorts["resolve"] = async (volumeLost, signal) => {
    const { resolved, surveyed } = await resolveMoment(run, { ...momentOf(wanted, globals), volumeLost }, signal);
    for (const line of momentText(resolved)) run.progress.tell({ kind: "note", text: line });
    return { target: recoveryTargetOf(resolved), systemId: surveyed.primary?.systemId };
  };
  return { ...run, ...restoringPorts(run, globals), resolve };
}

/** Joins what restoring the moment of the preview works through. */
export async function promotionPorts(
  confirmed: string | undefined,
  scope: ReleaseScope,
  context: string | undefined,
  globals: Globals,
): Promise<Sized<RestorePorts>> {
  const run = await databasePorts("restore", confirmed, scope, context, globals);
  const resolve: RestorePorts["resolve"] = async (volumeLost, signal) => {
    const target = await previewTarget(run, signal);
    return { target, systemId: await requireStanding(run.host, target, volumeLost, signal) };
  };
  return { ...run, ...restoringPorts(run, globals), resolve };
}

/** What flags ask a moment for, while the volume is there: in a dry run nothing is archived for it. */
export function momentOf(wanted: WantedMoment, { dryRun }: Pick<Globals, "dryRun">): MomentRequest {
  return { target: (now) => targetOf(wanted, now), timeline: wanted.timeline, mayArchive: !dryRun, volumeLost: false };
}

function restoringPorts(run: ClusterRun, globals: Globals): Pick<RestorePorts, "newId" | "confirmReached" | "awaitRollout" | "smoke"> {
  return {
    newId: () => run.clock.now().toISOString().slice(0, 19).replaceAll(/[-:]/g, "").toLowerCase(),
    confirmReached: async (_start, { reached, checks }, signal) => {
      signal.throwIfAborted();
      const text = `Recovered to ${reached.lsn}, last commit ${reached.lastCommit ?? "none"}`;
      for (const line of [`${text}.`, ...checksText(checks)]) run.progress.tell({ kind: "note", text: line });
      if (globals.yes || !mayAsk(globals)) return;
      const answer = await askFor(globals, `${text}. Type yes to make this the database:`);
      if (answer !== "yes") throw new Problem("RESTORE_NOT_CONFIRMED", { what: `"${answer}" is not yes` });
    },
    awaitRollout: rollout(run),
    smoke: smokeOf(run, () => ({})),
  };
}

async function databasePorts(
  workflow: string,
  confirmed: string | undefined,
  scope: ReleaseScope,
  context: string | undefined,
  globals: Globals,
): Promise<Sized<ClusterRun & Pick<RestorePorts, "host" | "pods" | "parts" | "claim" | "scratch" | "redis" | "confirm">>> {
  const { createRestorePods } = await import("../../adapters/kubernetes/backup-host/restore-pods.ts");
  const { createDataClaim } = await import("../../adapters/kubernetes/data-claim/data-claim.ts");
  const { createScratchDatabases } = await import("../../adapters/kubernetes/backup-host/scratch-databases.ts");
  const { createRedisData } = await import("../../adapters/kubernetes/redis-data/redis-data.ts");
  const { createRunningParts } = await import("../../adapters/kubernetes/running-parts/running-parts.ts");
  const run = await clusterRun(workflow, globals, context, undefined);
  const { host, exec, profile } = await backupPorts(scope, context, globals);
  return {
    ...run,
    host,
    profile,
    pods: createRestorePods(run.client, exec, scope),
    parts: createRunningParts(run.client),
    claim: createDataClaim(run.client, scope),
    scratch: createScratchDatabases(run.client, exec, scope),
    redis: createRedisData(run.client, exec, scope),
    confirm: (plan) => confirmByName(plan, confirmed, globals, { profile, findings: [] }),
  };
}

/** Reads the moment that flags name. @throws Problem TIME_*, RECOVERY_TARGET_INVALID, USAGE when there is none */
export function targetOf({ time, lsn, name, backup, latest }: WantedMoment, now: Instant): RecoveryTarget {
  if (time !== undefined) return timeTarget(time, { now, hostZone: Intl.DateTimeFormat().resolvedOptions().timeZone });
  if (lsn !== undefined) return lsnTarget(lsn);
  if (name !== undefined) return { kind: "name", name };
  if (backup !== undefined) return { kind: "backup", label: backup };
  if (latest) return { kind: "latest" };
  throw new Problem("USAGE", {
    what: "a restore needs the moment to restore to",
    fix: "Give --to-time 2026-11-23T05:00:00Z (or -15m), --to-latest, --to-lsn, --to-name or --to-backup. See what can be reached: migratectl backup list",
  });
}
