import { type Answers, answersSchema } from "../domain/answers/answers.ts";
import { canonicalJson } from "../domain/canonical-json.ts";
import { Problem } from "../domain/errors/problem.ts";
import { appendEntry, emptyRecord, type RecordEntry, type ReleaseRecord, recordSchema } from "../domain/plan/record.ts";
import type { ClusterObjects } from "../ports/cluster-objects.ts";
import { ownLabels } from "./own-labels.ts";
import { sha256 } from "./plan-of.ts";

/** Name of the ConfigMap that holds the record and the answers. */
export const recordName = "migratectl-record";

const recordKey = "record.json";
const answersKey = "answers.json";

/** How often an entry is appended again when somebody else wrote in between. */
const tries = 5;

/** The record of a namespace, and the answers that were used last. */
export interface RecordBook {
  readonly record: ReleaseRecord;
  readonly answers: Answers | undefined;
  readonly version: string;
}

/** What is to be noted: an entry, and the answers when they are now those of the release. */
export interface RecordNote {
  readonly clusterUid: string;
  /** Absent: only the answers are kept (at the start of a run, so that an interrupted one leaves them). */
  readonly entry?: Omit<RecordEntry, "revision" | "previous">;
  readonly answers?: Answers;
}

/** The record, or undefined when there is none. @throws Problem RECORD_BROKEN when it cannot be read */
export async function readRecord(objects: ClusterObjects, namespace: string, signal: AbortSignal): Promise<RecordBook | undefined> {
  const found = await objects.readDocument(namespace, recordName, signal);
  if (found === undefined) return undefined;
  const answers = found.value[answersKey];
  return {
    record: parsed(found.value[recordKey] ?? "", namespace),
    answers: answers === undefined ? undefined : answersSchema.safeParse(JSON.parse(answers)).data,
    version: found.version,
  };
}

/**
 * Appends an entry and gives the number of entries; compare-and-swap, so that no entry of somebody else is lost.
 * @throws Problem RECORD_BROKEN, JOURNAL_CONFLICT
 */
export async function writeRecord(objects: ClusterObjects, namespace: string, note: RecordNote, signal: AbortSignal): Promise<number> {
  for (let attempt = 1; attempt <= tries; attempt += 1) {
    const book = await readRecord(objects, namespace, signal);
    const before = book?.record ?? emptyRecord(note.clusterUid);
    const record = note.entry === undefined ? before : appendEntry(before, note.entry, sha256);
    const answers = note.answers ?? book?.answers;
    const data = {
      [recordKey]: `${canonicalJson(record)}\n`,
      ...(answers === undefined ? {} : { [answersKey]: `${canonicalJson(answers)}\n` }),
    };
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
