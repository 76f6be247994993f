import type { Archiver } from "../recovery/archiving.ts";

/** How the repository stands. */
export type ArchiveFacts =
  /** It is there, and nothing can be restored from it. */
  | { readonly kind: "unusable"; readonly what: string; readonly fix: string }
  | {
      readonly kind: "read";
      /** By the database's clock. */
      readonly now: Date;
      /** The newest set from which the history of what is written now can be restored. */
      readonly newest: { readonly label: string; readonly finishedAt: Date } | undefined;
      /** Segments that cannot be fetched from the history of what is written now, oldest first. */
      readonly holes: readonly { readonly first: string; readonly last: string }[];
      /** True when what was archived last can be restored. */
      readonly reachesNow: boolean;
      /** Undefined where no Postgres answers. */
      readonly archiver: Archiver | undefined;
    };
