import type { CatalogueEntry } from "../problem.ts";

/** Errors of backups and of what runs beside the database. */
export const backupErrors = {
  EXEC_FAILED: {
    exit: "attention",
    title: "Nothing can be run in a pod",
    why: "The API server did not run a program in the container, or nobody knows how it ended: the right create on pods/exec is missing, a proxy in between does not pass WebSockets, or the pod is gone.",
    fix: "Try: kubectl -n NAMESPACE exec POD -c CONTAINER -- true",
  },
  BACKUP_HOST_MISSING: {
    exit: "attention",
    title: "The database's pod does not run",
    why: "pgBackRest runs beside the primary, because it needs the data directory; without that pod no backup can be made or looked at.",
    fix: "Look for the cause with: migratectl status",
  },
  BACKUP_HOST_STRANGE: {
    exit: "attention",
    title: "The database's pod gives an answer that cannot be read",
    why: "The Postgres image of this release does not keep to the contract that this migratectl knows, or a program in it failed.",
    fix: "Look at the pod's log: kubectl -n NAMESPACE logs postgres-0 -c backup-agent. Use the migratectl that came with the installed release.",
  },
  REDIS_NO_ROOM: {
    exit: "attention",
    title: "The snapshot of Redis does not fit into the memory of Redis",
    why: "It is loaded by a second Redis beside the one that serves, in the same container, before anything of that one is replaced. The database is restored; the platform is still out of service.",
    fix: "Run the same command again with --redis keep (Redis stays as it is) or --redis empty; or with more memory for Redis (redis.resources).",
  },
  REDIS_NOT_LOADED: {
    exit: "attention",
    title: "Redis could not be brought to the database's moment",
    why: "The snapshot is not whole, no pod of Redis is ready, or Redis refused what it was given. The database is restored; the platform is still out of service.",
    fix: "Run the same command again; it begins anew with Redis. With --redis keep it stays as it is, with --redis empty it is emptied.",
  },
  BACKUP_FAILED: {
    exit: "attention",
    title: "A backup failed",
    why: "pgBackRest could not finish it. Older backups are as they were.",
    fix: "Look at the pod's log: kubectl -n NAMESPACE logs postgres-0 -c backup-agent. Then: migratectl backup create",
  },
  BACKUP_ENCRYPTION_FIXED: {
    exit: "usage",
    title: "The encryption of the backups cannot be changed",
    why: "pgBackRest encrypts a repository from its first file on or not at all, and with one key. The volume of the backups is there already.",
    fix: "Leave the answer out: what is there is then kept as it is.",
  },
  BACKUP_KEY_MISSING: {
    exit: "attention",
    title: "The key of the backups is not there",
    why: "The repository is encrypted, and nothing in it can be read without the key it was made with; a new one would not fit.",
    fix: "Give the key with --backup-encryption-key-file FILE (what `migratectl backup key` once wrote out). If it is lost, the backups are: move the claim backup-postgres-0 away, and a new repository begins.",
  },
  RESTORE_FAILED: {
    exit: "attention",
    title: "A restore failed",
    why: "The data could not be brought to the moment that was asked for, or what came of it is not what it should be. The data of before is still on the volume.",
    fix: "See whether the repository is sound: migratectl backup verify. Then choose a moment that can be reached: migratectl backup list",
  },
  RESTORE_CHECK_FAILED: {
    exit: "recovery",
    title: "The restored database is not fit to serve",
    why: "It was looked at where recovery had come to rest: its schema is not the one that the running release needs, or an index or a page of it is damaged.",
    fix: 'Choose another moment, or install the release that fits. To serve it all the same, give each check with a reason: --skip-check "schema=will be migrated by install".',
  },
  RESTORE_NOT_CONFIRMED: {
    exit: "usage",
    title: "The restore was not confirmed",
    why: "It replaces what the platform serves, or removes data for good; it needs the release's name typed, or --confirm NAME, and the moment that was reached taken.",
    fix: "Run the same command with --yes --confirm RELEASE, or to another moment: migratectl backup list shows which can be reached.",
  },
  RESTORE_UNFINISHED: {
    exit: "attention",
    title: "Another restore is unfinished",
    why: "A restore to another moment was interrupted, and the platform is as it left it.",
    fix: "Finish it first: migratectl backup restore --yes --confirm RELEASE, without a target, goes on from where it stopped.",
  },
  RESTORE_NO_ROOM: {
    exit: "recovery",
    title: "The data volume has no room for a restore",
    why: "The data of before stays until the restored one serves, so that the volume has to hold both. Nothing was touched.",
    fix: "Remove what earlier restores have left: migratectl backup prune. Or enlarge the claim data-postgres-0, if its class allows that.",
  },
  RESTORE_NOTHING_TO_UNDO: {
    exit: "recovery",
    title: "There is no restore to undo",
    why: "Either nothing was restored, or it was undone already, or what it replaced has been removed by `backup prune`.",
    fix: "Restore to a moment instead: migratectl backup list shows which can be reached.",
  },
  EXPORT_CHANGED: {
    exit: "attention",
    title: "The repository changed while it was exported",
    why: "A backup came to its end or an old one was removed meanwhile, so that the copy would not have been one of a single moment. Nothing in the cluster was changed.",
    fix: "Run the same command again. Scheduled backups run at the times that the answers name.",
  },
  EXPORT_BUSY: {
    exit: "attention",
    title: "Another process writes this export",
    why: "Two processes writing the same file would spoil it for each other.",
    fix: "Wait for the other one, or give another file with --out.",
  },
  EXPORT_DAMAGED: {
    exit: "recovery",
    title: "The file is no whole export",
    why: "An export names every file and its checksum; something in this one is missing or altered, so that nothing of it is used.",
    fix: "Copy it again from where it was made, or export again: migratectl backup export --out FILE",
  },
  REPOSITORY_NOT_EMPTY: {
    exit: "recovery",
    title: "The backup repository is not empty",
    why: "Backups of two databases must not be mixed, and what is there may be all that is left of one. Nothing was changed.",
    fix: "Use another namespace or claim; or restore from what is there: migratectl backup list",
  },
  KIT_UNREADABLE: {
    exit: "recovery",
    title: "The answers and secrets that lie with the backups cannot be read",
    why: "They were written by a newer version, or the file is damaged. The backups themselves do not depend on them.",
    fix: "Use a newer migratectl; or give --answers, and secrets are made anew.",
  },
  KIT_KEY_WRONG: {
    exit: "recovery",
    title: "The key does not fit these backups",
    why: "The backups, and the answers and secrets that lie with them, are encrypted with the key that `migratectl backup key` writes out; this is another one, or somebody has altered what lies there.",
    fix: "Give the key of the platform that was backed up.",
  },
} as const satisfies Record<string, CatalogueEntry>;
