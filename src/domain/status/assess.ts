import type { Reading } from "../reading.ts";
import type { Beside } from "../recovery/drill.ts";
import { whyRedisIsNotBackedUp } from "../recovery/redis-snapshot.ts";
import type { CauseCard } from "../rollout/cause.ts";
import { isOnTheWay } from "../rollout/find-causes.ts";
import type { ComponentRow } from "../rollout/view.ts";
import type { RolloutFacts } from "../rollout/workload.ts";
import { certificateWarningDays } from "./certificate.ts";
import type { BackupJob, HelmFacts } from "./release-facts.ts";
import type { BackupStatus, EndpointStatus, Summary } from "./status.ts";

const hour = 3_600_000;
const day = 24 * hour;

/** Longest time between two successes of a backup before it is late: twice its period, by the kind of schedule it has. */
export function allowedAge(schedule: string): number {
  const [, hours, dayOfMonth, , dayOfWeek] = schedule.trim().split(/\s+/);
  if (dayOfMonth !== undefined && dayOfMonth !== "*") return 62 * day;
  if (dayOfWeek === "*" || dayOfWeek === undefined) return hours === "*" || hours?.startsWith("*/") === true ? day : 2 * day;
  const days = daysOfWeek(dayOfWeek);
  return days <= 1 ? 8 * day : days >= 5 ? 3 * day : 6 * day;
}

/** How many days of the week a cron field names: `1-6` six, `0` one, `1,3,5` three. */
function daysOfWeek(field: string): number {
  return field.split(",").reduce((sum, part) => {
    const [from, to] = part.split("-");
    const [first, last] = [Number(from), Number(to ?? from)];
    return sum + (Number.isNaN(first) || Number.isNaN(last) ? 1 : Math.max(1, last - first + 1));
  }, 0);
}

/** How a backup job stands. A new one that has not come to its first run yet is good. */
export function assessBackup(job: BackupJob, at: Date): BackupStatus {
  const common = { name: job.name, schedule: job.schedule };
  const late = (since: Date) => at.getTime() - since.getTime() > allowedAge(job.schedule);
  if (job.suspended) return { ...common, standing: "attention", note: "suspended", ...success(job, at) };
  if (job.lastSuccessful === undefined) {
    if (job.lastScheduled !== undefined && job.active === 0)
      return { ...common, standing: "attention", note: "has run and never succeeded" };
    return late(job.createdAt)
      ? { ...common, standing: "attention", note: "has never run" }
      : { ...common, standing: "good", note: job.active > 0 ? "first run is on" : "first run is still to come" };
  }
  if (late(job.lastSuccessful)) return { ...common, standing: "attention", note: "last success is too long ago", ...success(job, at) };
  const failedSince = job.active === 0 && job.lastScheduled !== undefined && job.lastScheduled.getTime() > job.lastSuccessful.getTime();
  return {
    ...common,
    standing: failedSince ? "attention" : "good",
    note: failedSince ? "the last run did not succeed" : "",
    ...success(job, at),
  };
}

function success(job: BackupJob, at: Date): Pick<BackupStatus, "lastSuccessful" | "ageSeconds"> {
  if (job.lastSuccessful === undefined) return {};
  return { lastSuccessful: job.lastSuccessful, ageSeconds: Math.round((at.getTime() - job.lastSuccessful.getTime()) / 1000) };
}

/** The one word: down when something nothing can do without is away, degraded when somebody must mend, progressing when time will. */
export function summarise(components: readonly ComponentRow[], causes: readonly CauseCard[]): Summary {
  if (components.every((one) => one.state === "ready")) return "ready";
  const serving = (name: string) => components.filter((one) => one.component === name).every((one) => one.ready > 0);
  const trouble = causes.some((card) => card.consequenceOf.length === 0 && !isOnTheWay(card.cause));
  if (!trouble) return "progressing";
  return ["postgres", "redis", "pgbouncer", "backend", "frontend"].every(serving) ? "degraded" : "down";
}

/** Restarts within the last hour that call for attention although the container is up just now. */
const restartsTooMany = 3;

/** Containers that are ready and keep ending: the next moment may see them unready. */
function unstable(facts: RolloutFacts): readonly string[] {
  return facts.pods.flatMap((pod) =>
    pod.containers.flatMap(({ name, restarts, ready, last }) => {
      if (!ready || restarts < restartsTooMany || last?.finishedAt === undefined || facts.at.getTime() - last.finishedAt.getTime() > hour)
        return [];
      return [
        `${pod.component}: container ${name} of ${pod.name} has restarted ${restarts} times, last for ${last.reason === "OOMKilled" ? "want of memory" : `exit code ${last.exitCode}`}`,
      ];
    }),
  );
}

/** What besides the components calls for somebody. */
export function concerns(
  facts: RolloutFacts,
  helm: Reading<HelmFacts | undefined>,
  endpoints: Reading<readonly EndpointStatus[]>,
  backups: Reading<readonly BackupStatus[]>,
  beside: Reading<Beside>,
): readonly string[] {
  const found: string[] = [...unstable(facts)];
  if (helm.kind === "known" && helm.value !== undefined && helm.value.status !== "deployed")
    found.push(`Helm calls the release ${helm.value.status}`);
  if (helm.kind === "known" && helm.value === undefined)
    found.push("Helm has no record of the release (another tool applied it, or the record was deleted)");
  for (const { url, certificate } of endpoints.kind === "known" ? endpoints.value : []) {
    if (certificate.kind === "unreadable") found.push(`${url}: ${certificate.why}`);
    if (certificate.kind !== "read") continue;
    if (certificate.daysLeft < 0) found.push(`${url}: the certificate expired ${-certificate.daysLeft} days ago`);
    else if (certificate.daysLeft < certificateWarningDays) found.push(`${url}: the certificate ends in ${certificate.daysLeft} days`);
    if (!certificate.coversHost) found.push(`${url}: the certificate is for ${certificate.names.join(", ") || "no name"}`);
  }
  for (const backup of backups.kind === "known" ? backups.value : []) {
    if (backup.standing === "attention") found.push(`${backup.name}: ${backup.note}`);
  }
  const drill = beside.kind === "known" ? beside.value.lastDrill : undefined;
  if (drill?.status === "failed")
    found.push(`the last restore drill failed (${drill.startedAt.toISOString()}): ${drill.message ?? "it does not say why"}`);
  const archiving = beside.kind === "known" ? beside.value.archiving : undefined;
  if (archiving !== undefined)
    found.push(
      `WAL is not archived since ${archiving.lastArchivedAt?.toISOString() ?? "the beginning"}: segment ${archiving.segment} fails, and what is written meanwhile cannot be restored`,
    );
  const redis = beside.kind === "known" ? beside.value.redis : undefined;
  const unkept = redis === undefined ? undefined : whyRedisIsNotBackedUp(redis);
  if (unkept !== undefined) found.push(`Redis is not backed up: ${unkept}`);
  return found;
}
