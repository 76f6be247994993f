import type { CatalogueEntry } from "../problem.ts";

/** Errors of backups and of what runs beside the database. */
export const backupErrors = {
  EXEC_FAILED: {
    exit: "attention",
    title: "Nothing can be run in a pod",
    why: "The API server did not run a program in the container, or nobody knows how it ended: the right create on pods/exec is missing, a proxy in between does not pass WebSockets, or the pod is gone.",
    fix: "Try: kubectl -n NAMESPACE exec POD -c CONTAINER -- true",
  },
} as const satisfies Record<string, CatalogueEntry>;
