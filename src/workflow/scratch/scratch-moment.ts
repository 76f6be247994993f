import { Problem } from "../../domain/errors/problem.ts";
import { formatForPgBackRest, formatInstant, type Instant } from "../../domain/recovery/instant.ts";
import { randomMoment } from "../../domain/recovery/random-moment.ts";
import { resolveTarget } from "../../domain/recovery/resolve.ts";
import type { ResolvedTarget } from "../../domain/recovery/resolved.ts";
import type { RecoveryTarget as AskedTarget } from "../../domain/recovery/target.ts";
import type { BackupHost } from "../../ports/backup-host.ts";
import type { Clock } from "../../ports/clock.ts";
import { type Surveyed, surveyHost } from "../backup/survey.ts";
import { atItsLastCommit } from "../restore/resolve-moment.ts";
import type { RecoveryTarget } from "../restore/restore-start.ts";

/** The moment that a drill is to go to. */
export type DrillMoment =
  | { readonly kind: "given"; readonly target: (now: Instant) => AskedTarget; readonly timeline: number | undefined }
  /** Any moment that can be reached, chosen by the seed. */
  | { readonly kind: "random"; readonly seed: number };

/** A moment that can be reached, as a database beside the primary is told it. */
export interface ScratchMoment {
  readonly target: RecoveryTarget;
  /** The moment, RFC 3339. */
  readonly at: string;
  /** Bytes of the database in the set. */
  readonly bytes: number;
  /** The newest commit in the archive of the living timeline, as Postgres reads it. */
  readonly newest: string | undefined;
}

/** A resolved target in the words that pgBackRest and Postgres take. */
export function recoveryTargetOf({ set, timeline, type, target }: ResolvedTarget): RecoveryTarget {
  return { set: set.label, timeline, type, value: target };
}

/**
 * Finds set, timeline and target of a drill. Nothing is archived for it: it is to show what could be brought back if the database were lost now.
 * @throws Problem RECOVERY_OUT_OF_WINDOW, BACKUP_*, REPOSITORY_*, WAL_MISSING, TIME_*
 */
export async function drillMoment(
  { host, clock }: { readonly host: BackupHost; readonly clock: Clock },
  wanted: DrillMoment,
  signal: AbortSignal,
): Promise<ScratchMoment> {
  const surveyed = await surveyHost(host, clock.now(), signal);
  const { resolved } = await atItsLastCommit(host, { resolved: resolveIn(surveyed, wanted), surveyed }, signal);
  return scratchMoment(resolved, surveyed);
}

/** What a database beside the primary needs to know of a moment. */
export function scratchMoment(resolved: ResolvedTarget, { survey }: Surveyed): ScratchMoment {
  const living = survey.windows.filter(({ timeline }) => timeline === survey.facts.living).map(({ to }) => to.at);
  const newest = living.reduce<Instant | undefined>((last, at) => (last === undefined || at > last ? at : last), undefined);
  return {
    target: recoveryTargetOf(resolved),
    at: formatInstant(resolved.at),
    bytes: resolved.set.bytes,
    newest: newest === undefined ? undefined : formatForPgBackRest(newest),
  };
}

function resolveIn({ survey, repository, restorePoints, now }: Surveyed, wanted: DrillMoment): ResolvedTarget {
  const context = { survey, repository, restorePoints, now };
  if (wanted.kind === "given")
    return resolveTarget(wanted.target(now), { ...context, ...(wanted.timeline === undefined ? {} : { timeline: wanted.timeline }) });
  const chosen = randomMoment(survey.windows, wanted.seed);
  if (chosen === undefined) throw new Problem("REPOSITORY_EMPTY", { what: "There is no moment that could be restored." });
  return resolveTarget({ kind: "time", at: chosen.at }, { ...context, timeline: chosen.timeline });
}
