import { counted } from "../units.ts";
import type { Examination, ExaminationDepth, TableCount, VectorIndexAnswers } from "./examination.ts";
import { type RedisChoice, redisText, secondsBefore } from "./redis-snapshot.ts";

/** What is looked at in a recovered database before it becomes the one that serves. */
export const recoveredChecks = ["tables", "schema", "indexes", "vector-indexes", "sequences", "redis", "pages"] as const;

/** One thing that was looked at. */
export interface RecoveredCheck {
  readonly id: (typeof recoveredChecks)[number];
  /** `warn` does not keep the database from serving. */
  readonly verdict: "pass" | "warn" | "fail";
  readonly seen: string;
}

/** A release that was installed here, and the schema that it needs. */
export interface ReleaseSchema {
  readonly version: string;
  readonly revision: string;
}

/** What a recovered database is judged against. */
export interface Expected {
  /** The database as it was before it was stopped; undefined where none answered. */
  readonly before: { readonly tables: readonly TableCount[]; readonly schemaRevision?: string } | undefined;
  /** Releases that were installed, oldest first: the last one is to work on the recovered database. */
  readonly releases: readonly ReleaseSchema[];
  readonly depth: Exclude<ExaminationDepth, "counts">;
  /** What will become of Redis. */
  readonly redis: RedisChoice;
  /** Time of the last commit that was replayed. */
  readonly lastCommit: string | undefined;
}

/** What of a recovered database a person should know before it becomes the one that serves, and what speaks against it. */
export function judgeRecovered(recovered: Examination, expected: Expected): readonly RecoveredCheck[] {
  const { before, releases, depth } = expected;
  const checks: readonly RecoveredCheck[] = [
    { id: "tables", ...judgeTables(recovered.tables, before?.tables) },
    { id: "schema", ...judgeSchema(recovered.schemaRevision, before, releases) },
    { id: "indexes", ...noneOf(recovered.invalidIndexes, "every index is valid", "cannot be used; rebuild with REINDEX") },
    { id: "vector-indexes", ...judgeVectors(recovered.vectorIndexes) },
    {
      id: "sequences",
      ...noneOf(recovered.sequencesBehind, "none would give a value again", "would give a value that its table has already"),
    },
    { id: "redis", ...judgeRedis(recovered, expected) },
    ...(depth === "thorough" ? [{ id: "pages" as const, ...judgePages(recovered.pages) }] : []),
  ];
  return checks.map((check) => {
    const unanswered = recovered.failures.filter(({ what }) => what === check.id).map(({ message }) => message);
    return unanswered.length === 0 ? check : { id: check.id, verdict: "fail", seen: unanswered.join("; ") };
  });
}

type Judged = Omit<RecoveredCheck, "id">;

function judgeTables(tables: readonly TableCount[], before: readonly TableCount[] | undefined): Judged {
  const known = `${counted(tables.length, "table")}, ${rowsOf(tables)}`;
  if (before === undefined) return { verdict: "pass", seen: known };
  const gone = before.filter(({ name }) => !tables.some((table) => table.name === name));
  const changed = tables.flatMap((table) => {
    const then = before.find(({ name }) => name === table.name);
    if (then !== undefined && then.rows === table.rows) return [];
    return [`${table.name} ${then === undefined ? "not there" : shown(then)} -> ${shown(table)}`];
  });
  const told = [...changed, ...gone.map((table) => `${table.name} ${shown(table)} -> not there`)];
  const seen = `${known}; ${told.length === 0 ? "as many as before" : `before -> now: ${told.join(", ")}`}`;
  return { verdict: gone.length === 0 ? "pass" : "warn", seen };
}

function shown({ rows, exact }: TableCount): string {
  return rows === undefined ? "?" : `${exact ? "" : "~"}${rows}`;
}

function rowsOf(tables: readonly TableCount[]): string {
  const sum = tables.reduce((all, { rows = 0 }) => all + rows, 0);
  return `${tables.every(({ exact }) => exact) ? "" : "about "}${counted(sum, "row")}`;
}

/** The running release fits the schema that it needs, and the one that it has worked on until now. */
function judgeSchema(revision: string | undefined, before: Expected["before"], releases: readonly ReleaseSchema[]): Judged {
  const [running, name] = [releases.at(-1), revision ?? "none"];
  if (running?.revision === revision && revision !== undefined)
    return { verdict: "pass", seen: `revision ${name}, as release ${running?.version} needs it` };
  if (before !== undefined && before.schemaRevision === revision) return { verdict: "pass", seen: `revision ${name}, as before` };
  const needed = running === undefined ? undefined : `release ${running.version} needs ${running.revision}`;
  const wanted = needed ?? (before === undefined ? undefined : `the running release had ${before.schemaRevision ?? "none"}`);
  if (wanted === undefined) return { verdict: "warn", seen: `revision ${name}; which one the running release needs is not known` };
  const fitting = releases.findLast((release) => release.revision === revision);
  const fits = fitting === undefined ? "" : `; release ${fitting.version} fits it`;
  return { verdict: "fail", seen: `revision ${name}, but ${wanted}${fits}` };
}

function judgeVectors(indexes: readonly VectorIndexAnswers[]): Judged {
  if (indexes.length === 0) return { verdict: "pass", seen: "there are none" };
  const broken = indexes.filter(({ error, sampled, agreed }) => error !== undefined || (sampled > 0 && agreed === 0));
  const short = indexes.filter((index) => !broken.includes(index) && index.agreed < index.sampled);
  const told = [...broken, ...short].map(
    ({ index, sampled, agreed, error }) => `${index} ${error ?? `gives the nearest for ${agreed} of ${counted(sampled, "vector")}`}`,
  );
  if (told.length > 0) return { verdict: broken.length > 0 ? "fail" : "warn", seen: told.join("; ") };
  return {
    verdict: "pass",
    seen: indexes.map(({ index, sampled }) => `${index} gives the nearest for ${counted(sampled, "vector")}`).join("; "),
  };
}

/** Redis is as of its last snapshot, not of the very moment. */
function judgeRedis(
  { redis: snapshot, redisParts: parts }: Examination,
  { redis, lastCommit }: Pick<Expected, "redis" | "lastCommit">,
): Judged {
  if (redis !== "snapshot") return { verdict: "pass", seen: redisText({ from: redis }) };
  if (snapshot === undefined) return { verdict: "warn", seen: redisText({ from: "none" }) };
  if (parts !== undefined && (parts.bytes !== snapshot.bytes || parts.altered > 0)) {
    const altered = `${counted(parts.altered, "part")} of it ${parts.altered === 1 ? "is" : "are"} not as written`;
    return { verdict: "warn", seen: `the snapshot is not whole: ${parts.bytes} of ${snapshot.bytes} bytes are there, ${altered}` };
  }
  const before = secondsBefore(snapshot, lastCommit);
  const { asOf, keys } = snapshot;
  return { verdict: "pass", seen: redisText({ from: redis, asOf, keys, ...(before === undefined ? {} : { secondsBefore: before }) }) };
}

function judgePages(pages: Examination["pages"]): Judged {
  if (pages === undefined) return { verdict: "warn", seen: "not read: the database has no amcheck" };
  const { looked, corrupt } = pages;
  if (corrupt.length === 0) return { verdict: "pass", seen: `${looked} tables and B-trees read, nothing wrong` };
  return { verdict: "fail", seen: corrupt.map(({ object, message }) => `${object}: ${message}`).join("; ") };
}

function noneOf(names: readonly string[], good: string, bad: string): Judged {
  return names.length === 0 ? { verdict: "pass", seen: good } : { verdict: "warn", seen: `${names.join(", ")} ${bad}` };
}
