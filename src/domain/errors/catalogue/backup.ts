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
  BACKUP_FAILED: {
    exit: "attention",
    title: "A backup failed",
    why: "pgBackRest could not finish it. Older backups are as they were.",
    fix: "Look at the pod's log: kubectl -n NAMESPACE logs postgres-0 -c backup-agent. Then: migratectl backup create",
  },
} as const satisfies Record<string, CatalogueEntry>;
