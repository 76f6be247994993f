import type { CatalogueEntry } from "../problem.ts";

/** Errors of choosing what to recover to, and of the repository that it is recovered from. */
export const recoveryErrors = {
  TIME_INVALID: {
    exit: "usage",
    title: "That is not a time",
    why: "A time is written with date, time of day and offset (RFC 3339), or as a span back from now.",
    fix: "Write it as 2026-11-23T05:00:00Z, as 2026-11-23T05:00:00+02:00, or as -15m.",
  },
  TIME_WITHOUT_ZONE: {
    exit: "usage",
    title: "The time does not say in which zone it is",
    why: "This host, pgBackRest and Postgres may each be in another zone; a recovery to the wrong hour loses data without a word.",
    fix: "Add the offset: Z for UTC, or +02:00.",
  },
  TIME_IN_FUTURE: {
    exit: "usage",
    title: "The time lies in the future",
    why: "Postgres would replay everything, never meet the moment, and refuse to start.",
    fix: "Give a moment that has passed. If it has: check the clock of this host with date -u.",
  },
  RECOVERY_TARGET_INVALID: {
    exit: "usage",
    title: "The target of the recovery is not understood",
    why: "It is an LSN as Postgres prints it, the name of a restore point, or the label of a backup.",
    fix: "Write an LSN as 0/3000028.",
  },
  RECOVERY_OUT_OF_WINDOW: {
    exit: "recovery",
    title: "The database cannot be recovered to that moment",
    why: "A moment is reachable only where a backup lies before it, every WAL segment from that backup on is in the archive, and a later commit is in there too.",
    fix: "Choose one of the nearest reachable moments that are named above.",
  },
  RESTORE_POINT_AMBIGUOUS: {
    exit: "usage",
    title: "Several timelines have a restore point of that name",
    why: "A restore begins a new timeline, on which a name may be given again; each of them is another state.",
    fix: "Give the timeline: --timeline N.",
  },
  RESTORE_POINT_EXISTS: {
    exit: "usage",
    title: "There is a restore point of that name already",
    why: "Its name leads to one moment of the living history; a second one of the name would make it two.",
    fix: "Give another name.",
  },
  RESTORE_POINT_MISSING: {
    exit: "recovery",
    title: "The WAL does not hold the restore point",
    why: "The repository's catalogue names a place in the WAL, but the segment in the archive has no restore point of that name there, or cannot be read.",
    fix: "Restore to its time instead: migratectl backup list shows it. Then: migratectl backup verify",
  },
  BACKUP_UNKNOWN: {
    exit: "usage",
    title: "There is no backup of that label",
    why: "It was misspelt, has expired, or lies in another repository.",
    fix: "Choose one of the labels named above.",
  },
  BACKUP_UNUSABLE: {
    exit: "recovery",
    title: "The backup cannot be restored",
    why: "It has errors, was made without WAL, or a backup that it builds on is missing or has errors.",
    fix: "Choose another backup, and make a new full one soon.",
  },
  WAL_MISSING: {
    exit: "recovery",
    title: "WAL that the backup needs is not in the archive",
    why: "A backup becomes consistent only by replaying what was written while it was made; a segment of that is missing or there twice. pgBackRest's own verify does not tell.",
    fix: "Choose another backup, and make a new one now.",
  },
  REPOSITORY_FOREIGN: {
    exit: "recovery",
    title: "The repository belongs to another database cluster",
    why: "Its system identifier is not that of this database; a restore would replace the data by a stranger's without a word.",
    fix: "Check the path, the bucket and the stanza of the repository.",
  },
  REPOSITORY_EMPTY: {
    exit: "recovery",
    title: "The repository holds no backup",
    why: "No backup has succeeded yet, all have expired, or it is another repository than it should be (another path, another bucket).",
    fix: "Make a full backup. If there should be one: check path, bucket and stanza of the repository.",
  },
  REPOSITORY_KEY_WRONG: {
    exit: "recovery",
    title: "The key does not fit the repository",
    why: "Backups are encrypted with one key for the whole life of a repository; with another one, or with none, nothing in it can be read, and nothing new gets into it. The backups themselves are as they were.",
    fix: "Put the key that the repository was made with into Secret backup-encryption, key cipher-key, and delete the pod postgres-0 so that it is read again. It is what `migratectl backup key` once wrote out.",
  },
  REPOSITORY_UNREADABLE: {
    exit: "recovery",
    title: "What the repository says of itself is not understood",
    why: "The answer is not that of pgBackRest 2.59 or newer, or the repository is damaged.",
    fix: "Look at what `pgbackrest info --output=json` says in the database's pod.",
  },
  POSTGRES_MAJOR_MISMATCH: {
    exit: "recovery",
    title: "The backup is of another major version of Postgres",
    why: "Files of one major version cannot be opened by another. What the repository holds stays as it is, and nothing is added to it.",
    fix: "Restore with the release that ran that version, or choose a backup made since the upgrade. A database that has been upgraded needs a repository of its own: another volume, or another path in the bucket.",
  },
} as const satisfies Record<string, CatalogueEntry>;
