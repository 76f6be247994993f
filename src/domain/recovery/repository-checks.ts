import { Problem } from "../errors/problem.ts";
import { formatInstant } from "./instant.ts";
import type { BackupRepository, BackupSet, RepositoryDatabase } from "./repository.ts";

/** The database that is to be recovered, as its own control file tells. */
export interface DatabaseIdentity {
  /** 64 bits in decimal, from pg_control_system(). */
  readonly systemId: string;
  /** Major version of Postgres: `17`. */
  readonly version: string;
}

/**
 * The repository's current database, when it is this one and has backups. pgBackRest itself compares on backup, never on restore.
 * @throws Problem REPOSITORY_FOREIGN, POSTGRES_MAJOR_MISMATCH, REPOSITORY_EMPTY
 */
export function requireOwnRepository(repository: BackupRepository, own: DatabaseIdentity): RepositoryDatabase {
  const current = repository.databases.at(-1);
  if (current === undefined) throw empty(repository);
  // First: a database that was upgraded has another system identifier, too.
  if (current.version !== own.version) {
    throw new Problem("POSTGRES_MAJOR_MISMATCH", {
      what: `The repository's current database is Postgres ${current.version} (${current.systemId}), this one is Postgres ${own.version} (${own.systemId}).`,
      data: { repository: { ...current }, database: { ...own } },
    });
  }
  if (current.systemId !== own.systemId) {
    throw new Problem("REPOSITORY_FOREIGN", {
      what: `The repository's stanza ${repository.stanza} is of the cluster with system identifier ${current.systemId}; this database's is ${own.systemId}.`,
      data: { stanza: repository.stanza, repository: current.systemId, database: own.systemId },
    });
  }
  if (!repository.sets.some(({ databaseId }) => databaseId === current.id)) throw empty(repository);
  return current;
}

/** Why a set cannot be restored, one sentence without its full stop; undefined when it can, as far as the repository tells (its WAL is another matter). */
export function whyUnusable(set: BackupSet, repository: Pick<BackupRepository, "sets">): string | undefined {
  if (set.error) return "pages with wrong checksums were found while it was made";
  if (set.archiveStart.slice(0, 8) !== set.archiveStop.slice(0, 8)) return "the timeline changed while it was made";
  for (const label of set.needs) {
    const needed = repository.sets.find((candidate) => candidate.label === label);
    if (needed === undefined) return `it builds on ${label}, which is not there`;
    if (needed.error) return `it builds on ${label}, in which pages with wrong checksums were found`;
  }
  return undefined;
}

/** The sets of one database of the repository that can be restored, oldest first. */
export function usableSets(repository: Pick<BackupRepository, "sets">, databaseId: number): readonly BackupSet[] {
  return repository.sets.filter((set) => set.databaseId === databaseId && whyUnusable(set, repository) === undefined);
}

/**
 * The set of that label, when it can be restored into this database.
 * @throws Problem BACKUP_UNKNOWN, BACKUP_UNUSABLE, POSTGRES_MAJOR_MISMATCH
 */
export function requireSet(label: string, repository: BackupRepository, databaseId: number): BackupSet {
  const set = repository.sets.find((candidate) => candidate.label === label);
  if (set === undefined) {
    if (repository.withoutWal.includes(label)) throw unusable(label, "it was made without WAL");
    const known = repository.sets.map((one) => `${one.label} (${one.type}, ${formatInstant(one.finishedAt)})`);
    throw new Problem("BACKUP_UNKNOWN", {
      what: `There is no backup ${label}. ${known.length === 0 ? "There is none at all." : `There are: ${known.join(", ")}.`}`,
      data: { label, known: repository.sets.map((one) => one.label) },
    });
  }
  const why = whyUnusable(set, repository);
  if (why !== undefined) throw unusable(label, why);
  if (set.databaseId !== databaseId) {
    const versionOf = (id: number): string => repository.databases.find((one) => one.id === id)?.version ?? "of unknown version";
    throw new Problem("POSTGRES_MAJOR_MISMATCH", {
      what: `Backup ${label} is of Postgres ${versionOf(set.databaseId)}; this database is Postgres ${versionOf(databaseId)}.`,
      data: { label, backup: versionOf(set.databaseId), database: versionOf(databaseId) },
    });
  }
  return set;
}

function unusable(label: string, why: string): Problem {
  return new Problem("BACKUP_UNUSABLE", { what: `Backup ${label} cannot be restored: ${why}.`, data: { label, why } });
}

function empty({ stanza, status }: BackupRepository): Problem {
  return new Problem("REPOSITORY_EMPTY", {
    what: `The repository's stanza ${stanza} holds no backup of this database (pgBackRest says: ${status.message}).`,
    data: { stanza, status: status.code },
  });
}
