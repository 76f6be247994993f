import { fail, type Judgement, pass, warn } from "../judgement.ts";
import type { DrillRun } from "../recovery/drill.ts";
import { allowedAge } from "../status/assess.ts";
import type { BackupJob } from "../status/release-facts.ts";
import { formatSeconds } from "../units.ts";
import { type DoctorCheck, unread } from "./check.ts";
import type { DoctorFacts } from "./facts.ts";

/** The CronJob that drills. */
const drillJob = "backup-drill";

const wanted = "the last restore drill passed, within two of its periods";

/** Did the last restore drill pass, and is it recent? */
export const drill: DoctorCheck = {
  id: "drill",
  title: "Restore drill",
  why: "A backup that nobody has restored is a hope.",
  assess({ drills, schedules, rollout: { at }, namespace }) {
    if (drills.kind !== "known") return [unread(drills, wanted)];
    const schedule =
      schedules.kind === "known" ? schedules.value.find(({ name, suspended }) => name === drillJob && !suspended) : undefined;
    const last = drills.value.find(({ status }) => status !== "running");
    return [last === undefined ? none(schedule, at, namespace) : judged(last, schedule, at, namespace)];
  },
};

function again(namespace: string): string {
  return `Try now: migratectl backup drill --namespace ${namespace}`;
}

function none(schedule: BackupJob | undefined, at: Date, namespace: DoctorFacts["namespace"]): Judgement {
  if (schedule !== undefined && at.getTime() - schedule.createdAt.getTime() <= allowedAge(schedule.schedule))
    return pass("none yet; the first is still to come", wanted);
  return warn("no drill has shown that the backups can be restored", wanted, again(namespace));
}

function judged(last: DrillRun, schedule: BackupJob | undefined, at: Date, namespace: string): Judgement {
  const ago = Math.max(0, (at.getTime() - last.startedAt.getTime()) / 1000);
  const seen = `${last.status} ${formatSeconds(ago)} ago, by ${last.by}${last.message === undefined ? "" : `: ${last.message}`}`;
  if (last.status === "failed") return fail(seen, wanted, again(namespace));
  const late = schedule !== undefined && ago * 1000 > allowedAge(schedule.schedule);
  return late ? warn(seen, wanted, again(namespace)) : pass(seen, wanted);
}
