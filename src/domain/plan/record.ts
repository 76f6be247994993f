import { z } from "zod";
import { canonicalJson } from "../canonical-json.ts";

/** Who works on a release: the name the cluster knows, and the person and machine that ran the command. */
const actorSchema = z.looseObject({ cluster: z.string(), host: z.string() });

/** Who works on a release. */
export type Actor = Readonly<{ cluster: string; host: string }>;

/** How a recorded run can end. */
type RecordOutcome = "succeeded" | "failed" | "cancelled" | "rolled-back";

/**
 * One entry of the append-only, hash-chained record of what was done to a release. Loose at every level: the hash covers whatever a newer
 * version wrote, and an older one must carry it on unchanged.
 */
export const recordEntrySchema = z.looseObject({
  /** 1, 2, 3 … */
  revision: z.int().positive(),
  workflow: z.string(),
  /** Id of the run that came to the end that is recorded. */
  run: z.string(),
  /** RFC 3339, UTC. */
  startedAt: z.string(),
  finishedAt: z.string(),
  by: actorSchema,
  version: z.string(),
  bundleDigest: z.string().optional(),
  /** Alembic's revision that the release needs; of runs that bring the schema there. */
  schemaRevision: z.string().optional(),
  /** What the run was to bring the schema through, in order. */
  migrations: z.array(z.looseObject({ id: z.string(), kind: z.string() })).optional(),
  /** Ids of the migrations that were left for `upgrade --finish`. */
  putOff: z.array(z.string()).optional(),
  /** The moment before them, by its name in the WAL. */
  restorePoint: z.looseObject({ name: z.string(), timeline: z.int(), lsn: z.string() }).optional(),
  planDigest: z.string(),
  /** {@link RecordOutcome}, or what a newer version calls it. */
  outcome: z.string(),
  /** Action and code at which a failed run ended. */
  failure: z.looseObject({ action: z.string(), code: z.string() }).optional(),
  /** Checks that were skipped, with the reason given. */
  skippedChecks: z.array(z.looseObject({ check: z.string(), reason: z.string() })),
  /** What was measured, by name: of a drill the seconds and bytes. */
  figures: z.record(z.string(), z.number()).optional(),
  /** sha256 of the entry before, as canonical JSON; 64 zeros for the first. */
  previous: z.string(),
});

/** One entry of the record. */
export type RecordEntry = Readonly<z.infer<typeof recordEntrySchema>>;

/** What is to be recorded of a run. */
export interface NewRecordEntry {
  readonly workflow: string;
  readonly run: string;
  readonly startedAt: string;
  readonly finishedAt: string;
  readonly by: Actor;
  readonly version: string;
  readonly bundleDigest?: string;
  readonly schemaRevision?: string;
  readonly migrations?: readonly { readonly id: string; readonly kind: string }[];
  readonly putOff?: readonly string[];
  readonly restorePoint?: { readonly name: string; readonly timeline: number; readonly lsn: string };
  readonly planDigest: string;
  readonly outcome: RecordOutcome;
  readonly failure?: { readonly action: string; readonly code: string };
  readonly skippedChecks: readonly { readonly check: string; readonly reason: string }[];
  readonly figures?: Readonly<Record<string, number>>;
}

/** The document in the cluster: the release and cluster it belongs to, the chain, and the hash of its last entry (a cut tail shows). */
export const recordSchema = z.looseObject({
  apiVersion: z.literal("migratectl/v1"),
  kind: z.literal("Record"),
  release: z.string(),
  clusterUid: z.string(),
  entries: z.array(recordEntrySchema),
  head: z.string(),
});

/** The record of a release. */
export type ReleaseRecord = Readonly<z.infer<typeof recordSchema>>;

/** sha256 of a text, in hex. */
export type Hash = (text: string) => string;

/** `previous` of the first entry. */
const genesis = "0".repeat(64);

/** A record without entries. */
export function emptyRecord(release: string, clusterUid: string): ReleaseRecord {
  return { apiVersion: "migratectl/v1", kind: "Record", release, clusterUid, entries: [], head: genesis };
}

/** The record with one more entry, chained to the last one. */
export function appendEntry(record: ReleaseRecord, entry: NewRecordEntry, hash: Hash): ReleaseRecord {
  const { migrations, putOff, ...rest } = entry;
  const chained = {
    ...rest,
    ...(migrations === undefined ? {} : { migrations: [...migrations] }),
    ...(putOff === undefined ? {} : { putOff: [...putOff] }),
    skippedChecks: [...entry.skippedChecks],
    revision: record.entries.length + 1,
    previous: record.head,
  };
  return { ...record, entries: [...record.entries, chained], head: hash(canonicalJson(chained)) };
}

/** The last entry if it tells of that very end: a run that was cut off after writing it must not write it again. */
export function sameEnd(record: ReleaseRecord, entry: NewRecordEntry): RecordEntry | undefined {
  const last = record.entries.at(-1);
  const same = last?.startedAt === entry.startedAt && last.planDigest === entry.planDigest && last.outcome === entry.outcome;
  return same && entry.outcome !== "failed" ? last : undefined;
}

/** What the check of the chain says; `revision` is the first entry that does not fit. */
export type ChainVerdict = { readonly kind: "intact" } | { readonly kind: "broken"; readonly revision: number; readonly why: string };

/** Walks the chain from the first entry to `head`. */
export function verifyChain(record: ReleaseRecord, hash: Hash): ChainVerdict {
  let previous = genesis;
  for (const [index, entry] of record.entries.entries()) {
    if (entry.revision !== index + 1)
      return { kind: "broken", revision: index + 1, why: `revision ${entry.revision} stands where ${index + 1} belongs` };
    if (entry.previous !== previous)
      return { kind: "broken", revision: entry.revision, why: "it does not follow from the entry before, which was changed or removed" };
    previous = hash(canonicalJson(entry));
  }
  const last = record.entries.length;
  return record.head === previous
    ? { kind: "intact" }
    : { kind: "broken", revision: last, why: "the last entry was changed, or later ones were removed" };
}
