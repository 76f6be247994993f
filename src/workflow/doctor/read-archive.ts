import type { ArchiveFacts } from "../../domain/doctor/archive-facts.ts";
import { Problem } from "../../domain/errors/problem.ts";
import { dateOf } from "../../domain/recovery/instant.ts";
import type { BackupHost } from "../../ports/backup-host.ts";
import { type Surveyed, surveyHost } from "../backup/survey.ts";

/** What is wrong with a repository itself, rather than with asking for it. */
const unusable: ReadonlySet<string> = new Set([
  "REPOSITORY_EMPTY",
  "REPOSITORY_FOREIGN",
  "REPOSITORY_UNREADABLE",
  "POSTGRES_MAJOR_MISMATCH",
]);

/** How the repository stands, from the same survey that `backup list` shows. @throws Problem BACKUP_HOST_*, EXEC_FAILED, DEADLINE */
export async function readArchive(host: BackupHost, hostNow: Date, signal: AbortSignal): Promise<ArchiveFacts> {
  try {
    return factsOf(await surveyHost(host, hostNow, signal));
  } catch (error) {
    if (error instanceof Problem && unusable.has(error.code)) return { kind: "unusable", what: error.message, fix: error.fix };
    throw error;
  }
}

function factsOf({ survey, now, primary }: Surveyed): ArchiveFacts {
  const living = survey.windows.filter((window) => window.living);
  // A restore leaves sets on timelines that nobody writes any more: younger ones perhaps, which lead nowhere.
  const usable = new Set(living.flatMap(({ sets }) => sets));
  const own = survey.facts.sets.filter(({ label }) => usable.has(label));
  const newest = own.toSorted((a, b) => (a.finishedAt < b.finishedAt ? -1 : 1)).at(-1);
  const holes = new Map(living.flatMap(({ hole }) => (hole === undefined ? [] : [[hole.firstName, hole] as const])));
  return {
    kind: "read",
    now: dateOf(now),
    newest: newest && { label: newest.label, finishedAt: dateOf(newest.finishedAt) },
    holes: [...holes.values()].map(({ firstName, lastName }) => ({ first: firstName, last: lastName })),
    reachesNow: living.some(({ endsBecause }) => endsBecause === "now"),
    archiver: primary?.archived,
  };
}
