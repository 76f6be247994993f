import { Problem } from "../../domain/errors/problem.ts";
import type { Instant } from "../../domain/recovery/instant.ts";
import { lsnTarget, type RecoveryTarget, timeTarget } from "../../domain/recovery/target.ts";
import type { ReleaseScope } from "../../ports/cluster-workloads.ts";
import { resolveMoment } from "../../workflow/restore/resolve-moment.ts";
import type { RestorePorts } from "../../workflow/restore/restore.ts";
import type { UndoPorts } from "../../workflow/restore/undo-restore.ts";
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
  const { host } = run;
  return {
    ...run,
    newId: () => run.clock.now().toISOString().slice(0, 19).replaceAll(/[-:]/g, "").toLowerCase(),
    resolve: async (volumeLost, signal) => {
      const target = (now: Instant) => targetOf(wanted, now);
      const { resolved, surveyed } = await resolveMoment(
        { host, clock: run.clock },
        { target, timeline: wanted.timeline, mayArchive: !globals.dryRun, volumeLost },
        signal,
      );
      for (const line of momentText(resolved)) run.progress.tell({ kind: "note", text: line });
      return {
        target: { set: resolved.set.label, timeline: resolved.timeline, type: resolved.type, value: resolved.target },
        systemId: surveyed.primary?.systemId,
      };
    },
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
): Promise<Sized<ClusterRun & Pick<RestorePorts, "host" | "pods" | "parts" | "claim" | "confirm">>> {
  const { createRestorePods } = await import("../../adapters/kubernetes/backup-host/restore-pods.ts");
  const { createDataClaim } = await import("../../adapters/kubernetes/data-claim/data-claim.ts");
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
