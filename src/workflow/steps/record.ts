import { z } from "zod";
import type { RecordEntry } from "../../domain/plan/record.ts";
import type { ClusterObjects } from "../../ports/cluster-objects.ts";
import { readRecord, recordName, writeRecord } from "../record-book.ts";
import type { Step } from "../workflow-builder.ts";
import type { SmokeGive } from "./smoke.ts";
import type { InstallStart } from "./start.ts";

const beginSchema = z.object({ startedAt: z.string() });
const recordSchema = z.object({ recordRevision: z.number() });

/** When the work began, also over interruptions. */
export type BeginGive = z.infer<typeof beginSchema>;

/** Keeps the answers (they hold no secret) in the cluster from the start, so that an interrupted installation can be gone on with from anywhere. */
export function beginStep(objects: ClusterObjects): Step<InstallStart, InstallStart, BeginGive> {
  return {
    id: "begin",
    title: "Keep the answers in the cluster",
    describe: () => ({ touches: [`ConfigMap/${recordName}`], bytes: 0, seconds: 1, undo: "stays" }),
    gives: beginSchema,
    run: async ({ namespace, clusterUid, answers }, { signal, clock }) => {
      await writeRecord(objects, namespace, { clusterUid, answers }, signal);
      return { startedAt: clock.now().toISOString() };
    },
  };
}

/** Appends what was done to the record; done when its last entry is of this very run. */
export function recordStep(
  objects: ClusterObjects,
): Step<InstallStart, InstallStart & BeginGive & SmokeGive, z.infer<typeof recordSchema>> {
  return {
    id: "record",
    title: "Record what was done",
    describe: () => ({ touches: [`ConfigMap/${recordName}`], bytes: 0, seconds: 1, undo: "stays: the record is append-only" }),
    gives: recordSchema,
    run: async (state, { signal, clock, planDigest }) => {
      const entry = {
        ...entryHead(state, planDigest),
        startedAt: state.startedAt,
        finishedAt: clock.now().toISOString(),
        outcome: "succeeded",
      } as const;
      return {
        recordRevision: await writeRecord(
          objects,
          state.namespace,
          { clusterUid: state.clusterUid, answers: state.answers, entry },
          signal,
        ),
      };
    },
    done: async (state, { signal, planDigest }) => {
      const last = (await readRecord(objects, state.namespace, signal))?.record.entries.at(-1);
      const own = last?.startedAt === state.startedAt && last.planDigest === planDigest && last.outcome === "succeeded";
      return own ? { recordRevision: last.revision } : undefined;
    },
  };
}

/** What an entry says of the release and who worked on it. */
export function entryHead(
  start: InstallStart,
  planDigest: string,
): Pick<RecordEntry, "workflow" | "by" | "version" | "bundleDigest" | "planDigest" | "skippedChecks"> {
  return {
    workflow: "install",
    by: start.by,
    version: start.release.version,
    ...(start.bundle === undefined ? {} : { bundleDigest: start.bundle.digest }),
    planDigest,
    skippedChecks: [...start.skippedChecks],
  };
}
