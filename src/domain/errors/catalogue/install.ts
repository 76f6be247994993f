import type { CatalogueEntry } from "../problem.ts";

/** Errors of the area "install": plan, runner, journal, Lease, record. */
export const installErrors = {
  INSTALL_LOCKED: {
    exit: "attention",
    title: "Somebody else is working on this release",
    why: "The Lease `migratectl` in the release's namespace keeps two operators apart; another run holds it.",
    fix: "Wait until that run has ended, then run the same command again.",
  },
  INSTALL_LEASE_LOST: {
    exit: "attention",
    title: "The Lease was lost",
    why: "It could not be renewed in time, or another run has taken it over; two runs at once could undo each other's work.",
    fix: "Look who holds it: kubectl -n NAMESPACE get lease migratectl -o yaml. Then run the same command again: it goes on from where it stopped.",
  },
  INSTALL_OTHER_VERSION: {
    exit: "usage",
    title: "Another version is installed",
    why: "`install` makes a release or repairs one of the same version; going from one version to another needs the care of `upgrade`.",
    fix: "Run: migratectl upgrade --bundle FILE",
  },
  INSTALL_BACKUP_OVER: {
    exit: "usage",
    title: "The release is installed already",
    why: "`install --from-backup` makes the platform of its backups where there is none; over one that is there it would put one database in the place of another.",
    fix: "Restore it instead: migratectl backup restore --to-latest. Or install into another namespace.",
  },
  INSTALL_OTHER_RELEASE: {
    exit: "preflight",
    title: "The namespace belongs to another release",
    why: "One namespace holds one release: its secrets, record and journal have fixed names, and a second one would share them.",
    fix: "Use a namespace of its own: --namespace NAME. Or give the name of the release that is there: --release-name NAME.",
  },
  PLAN_STALE: {
    exit: "attention",
    title: "The cluster changed since the plan was made",
    why: "Somebody worked on the release between the plan and its execution; the plan was not carried out.",
    fix: "Run the same command again: it makes a new plan from what is there now.",
  },
  RUN_UNFINISHED: {
    exit: "attention",
    title: "An interrupted run has to be finished first",
    why: "A run of another kind was cut off on this release, and its journal says where; beginning something else over it would lose that.",
    fix: "Finish it first, with the command that was interrupted.",
  },
  JOURNAL_STRANGE: {
    exit: "attention",
    title: "An unfinished run of another version is in the way",
    why: "The journal in the cluster was written by another version of migratectl, or damaged, and says that work was begun and not ended.",
    fix: "Finish it with the version that began it. If it is damaged: keep a copy, then kubectl delete configmap migratectl-journal -n NAMESPACE.",
  },
  INSTALL_OTHER_CLUSTER: {
    exit: "usage",
    title: "This is not the cluster it was",
    why: "The record in the namespace, or the plan, belongs to a cluster with another identity: a copied namespace, or a context that now means another cluster.",
    fix: "Check the context with: kubectl config current-context. If the namespace was copied on purpose, delete its ConfigMap migratectl-record first.",
  },
  INSTALL_NAMESPACE_MISSING: {
    exit: "usage",
    title: "The namespace does not exist",
    why: "The answers say that the namespace is made by somebody else (release.createNamespace: false), and it is not there.",
    fix: "Ask the cluster's owner for it, or set release.createNamespace: true.",
  },
  INSTALL_NAMESPACE_TERMINATING: {
    exit: "attention",
    title: "The namespace is being deleted",
    why: "Nothing can be created in a namespace that is being deleted.",
    fix: "Wait until it is gone. If it stays: kubectl get namespace NAME -o yaml tells which finalizer or API holds it.",
  },
  INSTALL_OUTSIDE_REFERENCE: {
    exit: "usage",
    title: "An image would come from outside the client's registry",
    why: "With --airgap every image in what is applied must be in the registry of the answers; nothing was applied.",
    fix: "Remove the extra values that name the image, or push the image to the registry and name it there.",
  },
  INSTALL_NOT_CONFIRMED: {
    exit: "cancelled",
    title: "Not confirmed",
    why: "The plan was shown and not confirmed; nothing was touched.",
    fix: "Run the same command again and answer yes, or pass --yes.",
  },
  PREFLIGHT_FAILED: {
    exit: "preflight",
    title: "The preflight failed",
    why: "At least one check found something that would make the installation fail; nothing was touched.",
    fix: "Fix what the report names (migratectl preflight shows it again), or skip a check with --skip-check ID=REASON; the reason goes into the record.",
  },
  UNINSTALL_NOT_CONFIRMED: {
    exit: "usage",
    title: "Deleting data was not confirmed",
    why: "--delete-data removes every volume and secret of the release for good; it needs the release's name typed, or --confirm NAME.",
    fix: "Run: migratectl uninstall --delete-data --yes --confirm NAME",
  },
  UNINSTALL_STUCK: {
    exit: "attention",
    title: "Something does not go away",
    why: "An object is still there after its deletion was asked for; a finalizer or a node that does not answer holds it.",
    fix: "Look at it with kubectl describe, then run the same command again.",
  },
  SECRET_TAMPERED: {
    exit: "attention",
    title: "A Secret is not what migratectl can work with",
    why: "A Secret of a name the platform needs exists and belongs to somebody else, has another type or is immutable; its values are never overwritten.",
    fix: "Rename or remove that Secret if it is not needed, then run the same command again.",
  },
  JOURNAL_CONFLICT: {
    exit: "attention",
    title: "The journal was changed by somebody else",
    why: "Every change of the journal names the version it replaces; the cluster holds another one, so another run is at work.",
    fix: "Make sure that nobody else works on this release, then run the same command again: it goes on from where it stopped.",
  },
  RECORD_BROKEN: {
    exit: "attention",
    title: "The record's chain does not hold",
    why: "Each entry carries the hash of the one before; an entry was changed or removed by hand.",
    fix: "Compare with the copies in the run directories of the jump host, and ask who edited ConfigMap/migratectl-record.",
  },
  RUN_INCOMPLETE: {
    exit: "attention",
    title: "The run stopped halfway",
    why: "An action failed after others had been done.",
    fix: "Fix the reason, then run the same command again: it goes on from where it stopped.",
  },
  RUN_UNDONE: {
    exit: "rolledBack",
    title: "The run failed and was taken back",
    why: "An action failed; what had been done before it was undone.",
    fix: "Fix the reason, then run the same command again.",
  },
} as const satisfies Record<string, CatalogueEntry>;
