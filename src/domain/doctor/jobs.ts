import { fail, type Judgement, pass, warn } from "../judgement.ts";
import type { CauseCard } from "../rollout/cause.ts";
import { isOnTheWay } from "../rollout/find-causes.ts";
import { assessBackup } from "../status/assess.ts";
import type { BackupJob } from "../status/release-facts.ts";
import { counted } from "../units.ts";
import { type DoctorCheck, unread } from "./check.ts";
import type { DoctorFacts } from "./facts.ts";

const wanted = "the newest run of each CronJob has succeeded, within two of its periods; every migration has";

/** Do the scheduled runs and the migrations succeed? */
export const jobs: DoctorCheck = {
  id: "jobs",
  title: "Jobs",
  why: "What is to run by itself does not: backups grow old, data that is to be forgotten is kept, and the schema is not the release's.",
  assess(facts) {
    const migrations = facts.causes.filter(
      ({ workload, cause }) => workload.kind === "Job" && !isOnTheWay(cause) && !ofCronJob(facts, workload.name),
    );
    const failed = migrations.map(({ workload, what, fix }) => fail(`Job/${workload.name}: ${what}`, wanted, fix));
    if (facts.schedules.kind !== "known") return [...failed, unread(facts.schedules, wanted)];
    const found = [...failed, ...facts.schedules.value.flatMap((job) => scheduled(job, facts))];
    return found.length > 0 ? found : [pass(counted(facts.schedules.value.length, "CronJob"), wanted)];
  },
};

function ofCronJob({ rollout }: DoctorFacts, name: string): boolean {
  return rollout.workloads.some((one) => one.kind === "Job" && one.name === name && one.cronJob !== undefined);
}

function scheduled(job: BackupJob, facts: DoctorFacts): readonly Judgement[] {
  const { standing, note } = assessBackup(job, facts.rollout.at);
  if (standing !== "attention") return [];
  const seen = `CronJob/${job.name}: ${note}`;
  if (job.suspended)
    return [
      warn(
        seen,
        wanted,
        `When no restore is under way: kubectl -n ${facts.namespace} patch cronjob ${job.name} -p '{"spec":{"suspend":false}}'`,
      ),
    ];
  const card = newestCard(job, facts);
  const fix = card?.fix ?? `See its events: kubectl -n ${facts.namespace} describe cronjob ${job.name}`;
  return [fail(card === undefined ? seen : `${seen} (${card.what})`, wanted, fix)];
}

/** Why the newest of the CronJob's runs failed, while the cluster keeps it. */
function newestCard({ name }: BackupJob, { rollout, causes }: DoctorFacts): CauseCard | undefined {
  const [newest] = rollout.workloads
    .filter(({ cronJob }) => cronJob === name)
    .toSorted((a, b) => b.createdAt.getTime() - a.createdAt.getTime());
  return causes.find(({ workload }) => workload.kind === "Job" && workload.name === newest?.name);
}
