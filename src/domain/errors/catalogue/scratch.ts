import type { CatalogueEntry } from "../problem.ts";

/** Errors of restores beside the running database: drills and previews. */
export const scratchErrors = {
  DRILL_FAILED: {
    exit: "recovery",
    title: "A restore drill failed",
    why: "What is backed up could not be restored, or what came of it does not work as it should. The platform itself was not touched.",
    fix: "Look at the archive: migratectl backup list, then migratectl backup verify. Make a new full backup now: migratectl backup create --type full",
  },
  SCRATCH_UNFIT: {
    exit: "attention",
    title: "No database can be started beside the primary",
    why: "It has to run on the primary's node, where the repository is mounted, with a volume of its own: the node, the quota or the storage has no room for that.",
    fix: "Look at what the cluster says: kubectl -n NAMESPACE describe pod -l app.kubernetes.io/managed-by=migratectl. It asks for what the container backup-agent asks for (values: backup.resources).",
  },
  SCRATCH_BUSY: {
    exit: "attention",
    title: "There is one already",
    why: "Beside the primary there is room for one drill and one preview at a time.",
    fix: "Wait for the drill to end; a preview goes with: migratectl backup preview drop",
  },
} as const satisfies Record<string, CatalogueEntry>;
