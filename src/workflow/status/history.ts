import { Problem } from "../../domain/errors/problem.ts";
import { type RecordEntry, verifyChain } from "../../domain/plan/record.ts";
import type { ClusterObjects } from "../../ports/cluster-objects.ts";
import { sha256 } from "../run/plan-of.ts";
import { readRecord } from "../run/record-book.ts";

/** What was done to the releases of a namespace. */
export interface History {
  readonly namespace: string;
  /** Oldest first. */
  readonly entries: readonly RecordEntry[];
  /** True when the chain was walked and holds; undefined when it was not asked for. */
  readonly verified: boolean | undefined;
}

/** Reads the record, and with `verify` walks its hash chain. @throws Problem RECORD_BROKEN */
export async function history(objects: ClusterObjects, namespace: string, verify: boolean, signal: AbortSignal): Promise<History> {
  const record = (await readRecord(objects, namespace, signal))?.record;
  if (verify && record !== undefined) {
    const verdict = verifyChain(record, sha256);
    if (verdict.kind === "broken") {
      throw new Problem("RECORD_BROKEN", {
        what: `revision ${verdict.revision} of the record in namespace ${namespace} does not hold: ${verdict.why}`,
        data: { revision: verdict.revision },
      });
    }
  }
  return { namespace, entries: record?.entries ?? [], verified: verify ? true : undefined };
}
