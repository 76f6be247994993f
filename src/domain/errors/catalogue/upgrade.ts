import type { CatalogueEntry } from "../problem.ts";

/** Errors of going from one release to another. */
export const upgradeErrors = {
  UPGRADE_NOTHING: {
    exit: "usage",
    title: "There is no release to upgrade",
    why: "An upgrade goes from what is installed to another release; here nothing is installed.",
    fix: "Run: migratectl install --bundle FILE. Or name the release with --release-name and --namespace.",
  },
  UPGRADE_SAME_VERSION: {
    exit: "usage",
    title: "This version is installed already",
    why: "An upgrade goes to a newer release. Changed answers are applied, and what was deleted is made anew, by `install`.",
    fix: "Run: migratectl install --bundle FILE",
  },
  UPGRADE_DOWNGRADE: {
    exit: "usage",
    title: "The release is older than what is installed",
    why: "Old code does not know what newer code has done to the database.",
    fix: "Choose the bundle of a newer release.",
  },
  UPGRADE_STOP_MISSING: {
    exit: "usage",
    title: "Another release has to come first",
    why: "The release names others that have to be passed on the way to it: their migrations are not in it.",
    fix: "Upgrade to the release that is named first.",
  },
  UPGRADE_OUT_OF_RANGE: {
    exit: "usage",
    title: "The release cannot be reached from what is installed",
    why: "A release says from which others it can be reached; its migrations were tried from those only.",
    fix: "Ask the vendor for the bundles in between.",
  },
  UPGRADE_SCHEMA_DIRTY: {
    exit: "attention",
    title: "The database's schema is not at one revision",
    why: "Migrations begin at one revision; where there is none, or more than one, somebody has changed the schema by hand or a migration was cut off.",
    fix: "Look: kubectl -n NAMESPACE exec postgres-0 -c postgres -- psql -U postgres -d migration -c 'select * from migration.alembic_version'. Then ask the vendor's support.",
  },
  UPGRADE_SCHEMA_UNKNOWN: {
    exit: "attention",
    title: "The database's schema is not one that the release knows",
    why: "Its migrations begin at a revision that the release names; from another one nobody knows what they would do.",
    fix: "If an upgrade was not finished yet, finish it with its own bundle: migratectl upgrade --finish --bundle FILE. Else see with `migratectl history` what the database was last brought to, and ask the vendor's support.",
  },
  UPGRADE_SECRET_CHANGED: {
    exit: "attention",
    title: "A generated secret is not what it was before the upgrade",
    why: "What is encrypted with it, or who logs in with it, would find it changed; an upgrade never changes one, so something else did.",
    fix: "Find out who writes into the Secret: kubectl -n NAMESPACE get secret NAME -o yaml --show-managed-fields. Then run the same command again.",
  },
  UPGRADE_FINISH_OTHER: {
    exit: "usage",
    title: "Only the release that is installed can be finished",
    why: "Finishing runs what was put off when this very release was upgraded to.",
    fix: "Give the bundle of the release that is installed, or leave --finish away.",
  },
  ROLLBACK_NOTHING: {
    exit: "usage",
    title: "There is no such release to go back to",
    why: "Only a revision that was deployed once, and that Helm still keeps, can be deployed again.",
    fix: "See what there is: migratectl history, helm history. Without --to the version before is meant.",
  },
  ROLLBACK_SCHEMA: {
    exit: "attention",
    title: "The release does not work with the database as it is now",
    why: "A migration since has taken away what its code reads; a rollback of the code alone would serve errors.",
    fix: "Restore the database to a moment before that migration, which loses what was written since: migratectl backup list. Then run the same command again.",
  },
  ROLLBACK_SCHEMA_UNKNOWN: {
    exit: "attention",
    title: "Whether the release works with the database as it is cannot be told",
    why: "A release goes back only where its code is known to work with the schema; going on blindly could serve errors.",
    fix: 'If you know that it does, give the reason, which is kept in the record: --skip-check "schema=REASON".',
  },
} as const satisfies Record<string, CatalogueEntry>;
