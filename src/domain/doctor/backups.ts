import { fail, pass, unknown, warn } from "../judgement.ts";
import { allowedAge } from "../status/assess.ts";
import { formatSeconds } from "../units.ts";
import { type DoctorCheck, unread } from "./check.ts";
import type { DoctorFacts } from "./facts.ts";

/** CronJobs that make sets. */
const makers = new Set(["backup-full", "backup-incremental"]);

/** Is the newest backup as young as its schedule promises? */
export const backups: DoctorCheck = {
  id: "backups",
  title: "Newest backup",
  why: "The older the newest set, the more WAL a restore has to replay, and the longer the platform is away.",
  assess(facts) {
    const { archive, namespace } = facts;
    const allowed = allowedSeconds(facts);
    const wanted =
      allowed === undefined ? "a backup on a schedule" : `a set no older than ${formatSeconds(allowed)}, twice the period of its schedule`;
    const make = `Make one: migratectl backup create --namespace ${namespace}`;
    if (archive.kind !== "known") return [unread(archive, wanted)];
    if (archive.value.kind === "unusable") return [unknown("the repository cannot be used", wanted, archive.value.fix)];
    const { newest, now } = archive.value;
    if (newest === undefined) return [fail("no set that can be restored", wanted, make)];
    const seconds = Math.max(0, (now.getTime() - newest.finishedAt.getTime()) / 1000);
    const seen = `${newest.label}, ${formatSeconds(seconds)} old`;
    if (facts.schedules.kind !== "known") return [unread(facts.schedules, wanted)];
    if (allowed === undefined)
      return [
        warn(
          `${seen}; no CronJob makes the next one`,
          wanted,
          `Let it be made: migratectl install --namespace ${namespace} with backup.enabled`,
        ),
      ];
    return [seconds > allowed ? fail(seen, wanted, make) : pass(seen, wanted)];
  },
};

/** What the most frequent of the schedules allows. */
function allowedSeconds({ schedules }: DoctorFacts): number | undefined {
  const running = schedules.kind === "known" ? schedules.value.filter(({ name, suspended }) => makers.has(name) && !suspended) : [];
  return running.length === 0 ? undefined : Math.min(...running.map(({ schedule }) => allowedAge(schedule))) / 1000;
}
