import { z } from "zod";
import { type WorkflowName, workflowNameSchema } from "./plan.ts";

/** State of one action in the journal, written before (`running`) and after (`done`, `failed`, `undone`) it runs. */
const actionStateSchema = z.enum(["pending", "running", "done", "undone", "failed"]);

/** One line of the journal. */
const journalEntrySchema = z.object({
  id: z.string(),
  state: actionStateSchema,
  /** RFC 3339, UTC. */
  at: z.string(),
  /** What the action gave, validated again by its own schema when a later run resumes; never secret. */
  output: z.unknown().optional(),
  /** Code and text of the failure. */
  error: z.object({ code: z.string(), what: z.string() }).optional(),
});

/** The journal of one run: kept in a ConfigMap (compare-and-swap) and mirrored in the run directory. */
export const journalSchema = z.object({
  apiVersion: z.literal("migratectl/v1"),
  kind: z.literal("Journal"),
  /** Id of the run that wrote it last. */
  run: z.string(),
  workflow: workflowNameSchema,
  /** sha256 of the plan's identity: a resumed run of another plan starts anew (its actions converge all the same). */
  planDigest: z.string(),
  entries: z.array(journalEntrySchema),
  /** True when the run came to its end; false while it runs, and after it was killed, cancelled or failed. */
  finished: z.boolean(),
});

/** The journal of one run. */
export type Journal = Readonly<z.infer<typeof journalSchema>>;
/** One line of the journal. */
export type JournalEntry = Readonly<z.infer<typeof journalEntrySchema>>;

/** A journal in which every action is still pending. */
export function newJournal(
  head: { readonly run: string; readonly workflow: WorkflowName; readonly planDigest: string },
  ids: readonly string[],
  at: string,
): Journal {
  return {
    apiVersion: "migratectl/v1",
    kind: "Journal",
    ...head,
    finished: false,
    entries: ids.map((id) => ({ id, state: "pending", at })),
  };
}

/** The journal with one entry replaced; an id it does not have is a mistake of the caller and throws. */
export function withEntry(journal: Journal, entry: JournalEntry): Journal {
  if (!journal.entries.some(({ id }) => id === entry.id)) throw new RangeError(`the journal has no action ${entry.id}`);
  return { ...journal, entries: journal.entries.map((old) => (old.id === entry.id ? entry : old)) };
}

/** True when a run of the plan with this digest may go on from the journal. */
export function canResume(journal: Journal, workflow: WorkflowName, planDigest: string): boolean {
  return !journal.finished && journal.workflow === workflow && journal.planDigest === planDigest;
}
