import { Problem } from "../../domain/errors/problem.ts";
import type { DrillOutcome } from "../../domain/recovery/drill.ts";
import { counted, formatSeconds } from "../../domain/units.ts";
import type { BackupHost } from "../../ports/backup-host.ts";
import type { Clock } from "../../ports/clock.ts";
import type { Progress } from "../../ports/progress.ts";
import { standingOf } from "./standing.ts";
import { type Surveyed, surveyHost } from "./survey.ts";

/** What verifying works through. */
export interface VerifyBackupsPorts {
  readonly host: BackupHost;
  readonly clock: Clock;
  readonly progress: Progress;
  /** Restores the end of a set beside the database and asks what came of it. Absent: nothing is restored. @throws Problem DRILL_FAILED, SCRATCH_* */
  readonly drill?: (label: string, signal: AbortSignal) => Promise<DrillOutcome | undefined>;
}

/** One thing that was looked at. */
interface BackupCheck {
  /** `checksums`, `set LABEL`, `archive of timeline N`. */
  readonly what: string;
  readonly verdict: "pass" | "fail";
  /** What was seen; of a failure, what is wrong. */
  readonly seen: string;
}

/** What verifying found. */
export interface BackupsVerified {
  readonly checks: readonly BackupCheck[];
  readonly surveyed: Surveyed;
  readonly seconds: number;
}

/**
 * Reads every file of the repository again (pgBackRest), and walks sets and archive for what pgBackRest does not see: a segment that is
 * missing in the middle, WAL that a set needs, a repository that is another cluster's. All checks run.
 * @throws Problem REPOSITORY_*, POSTGRES_MAJOR_MISMATCH, BACKUP_HOST_*, EXEC_FAILED
 */
export async function verifyBackups({ host, clock, progress, drill }: VerifyBackupsPorts, signal: AbortSignal): Promise<BackupsVerified> {
  const began = clock.now().getTime();
  const actions = [
    { id: "walk", title: "Walk sets and archive" },
    { id: "checksums", title: "Read every file again (pgBackRest)" },
  ] as const;
  progress.tell({ kind: "planned", actions });
  progress.tell({ kind: "started", ...actions[0] });
  const surveyed = await surveyHost(host, clock.now(), signal);
  progress.tell({ kind: "done", id: actions[0].id });
  progress.tell({ kind: "started", ...actions[1] });
  const text = await host.verify(signal);
  progress.tell({ kind: "done", id: actions[1].id });
  const restored = drill === undefined ? [] : await restoreChecks(surveyed, drill, signal);
  return {
    checks: [...setChecks(surveyed), ...archiveChecks(surveyed), checksums(text), ...restored],
    surveyed,
    seconds: (clock.now().getTime() - began) / 1000,
  };
}

/** Restores the newest set of every window. */
async function restoreChecks(
  { survey }: Surveyed,
  drill: NonNullable<VerifyBackupsPorts["drill"]>,
  signal: AbortSignal,
): Promise<readonly BackupCheck[]> {
  const checks: BackupCheck[] = [];
  for (const label of new Set(survey.windows.flatMap(({ sets }) => sets.at(-1) ?? []))) {
    const what = `restore of set ${label}`;
    try {
      const outcome = await drill(label, signal);
      const seconds = outcome?.rtoSeconds == null ? "" : `, answering after ${formatSeconds(outcome.rtoSeconds)}`;
      checks.push({ what, verdict: "pass", seen: `${counted(outcome?.checks.length ?? 0, "question")} answered well${seconds}` });
    } catch (error) {
      if (!(error instanceof Problem) || error.code === "CANCELLED") throw error;
      checks.push({ what, verdict: "fail", seen: error.message });
    }
  }
  return checks;
}

function setChecks(surveyed: Surveyed): readonly BackupCheck[] {
  return surveyed.repository.sets.map((set) => {
    const what = `set ${set.label}`;
    try {
      const { segments } = standingOf(set.label, surveyed, surveyed.archive);
      return { what, verdict: "pass", seen: `${set.type}, with the ${counted(segments, "segment")} of WAL that it needs` };
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      return { what, verdict: "fail", seen: error.message };
    }
  });
}

function archiveChecks({ archive, unreadable }: Surveyed): readonly BackupCheck[] {
  const timelines = archive.timelines.map(({ id, history, spans, holes, duplicates }): BackupCheck => {
    const wrong = [
      ...(history === "missing" || history === "unreadable" ? [`its history file is ${history}`] : []),
      ...holes.map(
        ({ kind, firstName, lastName }) =>
          `${firstName === lastName ? firstName : `${firstName} to ${lastName}`} ${kind === "missing" ? "missing" : "archived twice, differently"}`,
      ),
      ...duplicates.filter(({ differing }) => differing).map(({ name }) => `${name} is there with different content`),
    ];
    const segments = spans.reduce((sum, { first, last }) => sum + last - first + 1, 0);
    return wrong.length === 0
      ? { what: `archive of timeline ${id}`, verdict: "pass", seen: `${segments} segments in a row` }
      : { what: `archive of timeline ${id}`, verdict: "fail", seen: [...new Set(wrong)].join("; ") };
  });
  return [
    ...timelines,
    ...unreadable.map(({ segment, error }): BackupCheck => ({ what: `segment ${segment}`, verdict: "fail", seen: error })),
  ];
}

/** pgBackRest ends with 0 whatever it finds; only the text of its report says how it is. */
function checksums(report: string): BackupCheck {
  const states = [...report.matchAll(/^\s*status: (.*)$/gm)].map(([, state = ""]) => state.trim());
  const errors = report
    .split("\n")
    .filter((line) => /\bERROR\b|missing: [1-9]|checksum invalid: [1-9]|size invalid: [1-9]|other: [1-9]/.test(line))
    .map((line) => line.trim());
  const good = states.length > 0 && states.every((state) => state === "ok") && errors.length === 0;
  return {
    what: "checksums",
    verdict: good ? "pass" : "fail",
    seen: good
      ? "every file is as it was written"
      : [...states.filter((state) => state !== "ok"), ...errors].join("; ") || "pgBackRest gave no report",
  };
}
