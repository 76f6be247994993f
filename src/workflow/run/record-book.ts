import type { Answers } from "../../domain/answers/answers.ts";
import { canonicalJson } from "../../domain/canonical-json.ts";
import type { PutOffMigrations } from "../../domain/doctor/put-off.ts";
import { Problem } from "../../domain/errors/problem.ts";
import { appendEntry, emptyRecord, type NewRecordEntry, type ReleaseRecord, recordSchema, sameEnd } from "../../domain/plan/record.ts";
import type { ReleaseSchema } from "../../domain/recovery/judge-recovered.ts";
import type { BundledRelease } from "../../domain/release/release.ts";
import type { ClusterObjects } from "../../ports/cluster-objects.ts";
import { ownLabels } from "./labels.ts";
import { sha256 } from "./plan-of.ts";

/** Name of the ConfigMap that holds the record and the answers. */
export const recordName = "migratectl-record";

const recordKey = "record.json";
const answersKey = "answers.json";

/** How often an entry is appended again when somebody else wrote in between. */
const tries = 5;

/** The record of a namespace, and the answers that the last successful run worked from. */
export interface RecordBook {
  readonly record: ReleaseRecord;
  /** The answers as they were written, of whatever version. */
  readonly answers: string | undefined;
  readonly version: string;
}

/** What is to be noted of a run that ended. */
export interface RecordNote {
  readonly release: string;
  readonly clusterUid: string;
  readonly entry: NewRecordEntry;
  /** Present when these are now the answers of the release; they hold no secret. */
  readonly answers?: Answers;
}

/** The record, or undefined when there is none. @throws Problem RECORD_BROKEN when it cannot be read */
export async function readRecord(
  objects: Pick<ClusterObjects, "readDocument">,
  namespace: string,
  signal: AbortSignal,
): Promise<RecordBook | undefined> {
  const found = await objects.readDocument(namespace, recordName, signal);
  if (found === undefined) return undefined;
  return { record: parsed(found.value[recordKey] ?? "", namespace), answers: found.value[answersKey], version: found.version };
}

/** The releases that were installed, oldest first, with the schema that each needs. */
export function installedReleases(book: RecordBook | undefined): readonly ReleaseSchema[] {
  return (book?.record.entries ?? []).flatMap(({ version, schemaRevision: revision, outcome }) =>
    revision === undefined || outcome !== "succeeded" ? [] : [{ version, revision }],
  );
}

/** Revision at which the migrations of a release were stopped when it was last brought here; undefined where they went to their end. */
export function stoppedAt(
  book: RecordBook | undefined,
  { version, schema }: Pick<BundledRelease, "version" | "schema">,
): string | undefined {
  const last = installedReleases(book).findLast((release) => release.version === version)?.revision;
  return last === schema.to ? undefined : last;
}

/** What the run that last brought the schema somewhere has put off; undefined where that is nothing. */
export function putOffIn(book: RecordBook | undefined): PutOffMigrations | undefined {
  const last = book?.record.entries.findLast(({ outcome, schemaRevision }) => outcome === "succeeded" && schemaRevision !== undefined);
  const { putOff: ids = [] } = last ?? {};
  return last === undefined || ids.length === 0 ? undefined : { version: last.version, ids, since: last.finishedAt };
}

/**
 * Appends an entry, once, and gives its revision; compare-and-swap, so that no entry of somebody else is lost. Answers of another version
 * stay as they are unless new ones take their place.
 * @throws Problem RECORD_BROKEN, JOURNAL_CONFLICT
 */
export async function writeRecord(objects: ClusterObjects, namespace: string, note: RecordNote, signal: AbortSignal): Promise<number> {
  for (let attempt = 1; attempt <= tries; attempt += 1) {
    const book = await readRecord(objects, namespace, signal);
    const before = book?.record ?? emptyRecord(note.release, note.clusterUid);
    const written = sameEnd(before, note.entry);
    if (written !== undefined) return written.revision;
    const record = appendEntry(before, note.entry, sha256);
    const answers = note.answers === undefined ? book?.answers : `${canonicalJson(note.answers)}\n`;
    const data = { [recordKey]: `${canonicalJson(record)}\n`, ...(answers === undefined ? {} : { [answersKey]: answers }) };
    const result = await objects.writeDocument(namespace, recordName, data, ownLabels, book?.version, signal);
    if (result.kind === "written") return record.entries.length;
  }
  throw new Problem("JOURNAL_CONFLICT", { what: `ConfigMap/${recordName} in namespace ${namespace} is being written by somebody else` });
}

function parsed(text: string, namespace: string): ReleaseRecord {
  try {
    return recordSchema.parse(JSON.parse(text));
  } catch (cause) {
    throw new Problem("RECORD_BROKEN", {
      what: `ConfigMap/${recordName} in namespace ${namespace} holds no record that can be read`,
      cause,
    });
  }
}
