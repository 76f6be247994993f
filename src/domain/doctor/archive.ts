import { fail, type Judgement, pass, some, unknown, warn } from "../judgement.ts";
import { archivingFailure } from "../recovery/archiving.ts";
import { counted, formatSeconds } from "../units.ts";
import type { ArchiveFacts } from "./archive-facts.ts";
import { type DoctorCheck, unread } from "./check.ts";

/** Seconds since the last segment after which somebody should know (as the alert of the chart), and after which it fails. */
const [warnAfter, failAfter] = [600, 3600];

const wanted = `WAL archived within ${formatSeconds(warnAfter)}, without a hole`;

/** Is everything that is written archived, so that it can be restored? */
export const archive: DoctorCheck = {
  id: "archive",
  title: "WAL archive",
  why: "What is not archived cannot be restored, and WAL that waits for it fills the volume of the data until Postgres stops.",
  assess({ archive: reading, namespace }) {
    if (reading.kind !== "known") return [unread(reading, wanted)];
    const facts = reading.value;
    if (facts.kind === "unusable") return [fail(facts.what, wanted, facts.fix)];
    const found = [lag(facts, namespace), ...holes(facts, namespace)];
    const troubled = found.filter(({ verdict }) => verdict !== "pass");
    return troubled.length > 0 ? troubled : found;
  },
};

type Read = Extract<ArchiveFacts, { readonly kind: "read" }>;

function lag({ archiver, now }: Read, namespace: string): Judgement {
  const log = `See why: kubectl -n ${namespace} logs postgres-0 -c postgres | grep archive; room and credentials of the repository: migratectl backup list --namespace ${namespace}`;
  if (archiver === undefined) return unknown("Postgres does not answer", wanted, `See why: migratectl status --namespace ${namespace}`);
  const failure = archivingFailure(archiver);
  if (failure !== undefined) {
    const since = failure.lastArchivedAt?.toISOString() ?? "the beginning";
    return fail(`segment ${failure.segment} cannot be archived; nothing is since ${since}`, wanted, log);
  }
  if (archiver.at === undefined) return warn("no WAL was archived yet", wanted, log);
  const seconds = Math.max(0, (now.getTime() - archiver.at.getTime()) / 1000);
  const seen = `last segment ${archiver.segment ?? "?"} archived ${formatSeconds(seconds)} ago`;
  if (seconds > failAfter) return fail(seen, wanted, log);
  return seconds > warnAfter ? warn(seen, wanted, log) : pass(seen, wanted);
}

function holes({ holes: found, reachesNow, newest }: Read, namespace: string): readonly Judgement[] {
  const fix = `Begin a new span with: migratectl backup create --namespace ${namespace} --type full. What can be restored: migratectl backup list --namespace ${namespace}`;
  const names = some(found.map(({ first, last }) => (first === last ? first : `${first} to ${last}`)));
  if (newest !== undefined && !reachesNow)
    return [
      fail(`what is written now cannot be restored from set ${newest.label}${found.length === 0 ? "" : `: ${names} missing`}`, wanted, fix),
    ];
  if (found.length === 0) return [];
  return [
    warn(`${counted(found.length, "hole")} before the newest set: ${names} missing; moments in them cannot be restored`, wanted, fix),
  ];
}
