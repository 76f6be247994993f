import type { RedisSnapshot } from "./redis-snapshot.ts";

/** How closely a database is looked at: `counts` tells tables and schema revision, `quick` indexes and sequences, too, `thorough` reads every page. */
export type ExaminationDepth = "counts" | "quick" | "thorough";

/** A table and its rows. */
export interface TableCount {
  /** `schema.table`. */
  readonly name: string;
  /** Absent for a large one that Postgres has never counted. */
  readonly rows?: number;
  /** False for Postgres' own estimate, which is told of large tables. */
  readonly exact: boolean;
}

/** What a vector index answers to vectors out of its table, beside what reading the table gives. */
export interface VectorIndexAnswers {
  readonly index: string;
  /** Vectors that were asked for, and how many of the answers were as near as the nearest. */
  readonly sampled: number;
  readonly agreed: number;
  /** Why it cannot be asked. */
  readonly error?: string;
}

/** What can be asked of a database, each apart from the others. */
export const examinedParts = ["tables", "schema", "heartbeat", "redis", "indexes", "vector-indexes", "sequences", "pages"] as const;

/** A question that was not answered, such as the rows of a table whose pages are damaged. */
interface ExaminationFailure {
  readonly what: (typeof examinedParts)[number];
  readonly message: string;
}

/** What the pages of tables and B-trees showed. */
interface PagesRead {
  readonly looked: number;
  readonly corrupt: readonly { readonly object: string; readonly message: string }[];
}

/** What a database holds, and whether it can be relied on. */
export interface Examination {
  readonly tables: readonly TableCount[];
  /** Alembic's; undefined where no migration has run. */
  readonly schemaRevision: string | undefined;
  /** The row that is written every half minute, and right after the database has started; `advances` once that was since it started. */
  readonly heartbeat: { readonly at: string; readonly advances: boolean } | undefined;
  /** Replicas that stream from it. */
  readonly replicas: number;
  /** The snapshot of Redis that it holds. */
  readonly redis: RedisSnapshot | undefined;
  /** The bytes of it that are there, and how many of its parts are not as they were written; not of a look that only counts. */
  readonly redisParts: { readonly bytes: number; readonly altered: number } | undefined;
  readonly invalidIndexes: readonly string[];
  /** Sequences that would give a value which is in their table already. */
  readonly sequencesBehind: readonly string[];
  readonly vectorIndexes: readonly VectorIndexAnswers[];
  /** Only of a thorough look, and where the database has amcheck. */
  readonly pages: PagesRead | undefined;
  readonly failures: readonly ExaminationFailure[];
}
