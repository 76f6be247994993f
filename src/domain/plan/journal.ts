import { z } from "zod";

/** State of one action in the journal, written before (`running`) and after (`done`, `failed`, `undone`) it runs. */
export const actionStateSchema = z.enum(["pending", "running", "done", "undone", "failed"]);

/** State of one action. */
export type ActionState = z.infer<typeof actionStateSchema>;

/** One line of the journal. */
export const journalEntrySchema = z.object({
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
  workflow: z.string(),
  /** sha256 of the plan's JSON: a resumed run of another plan starts anew (its actions converge all the same). */
  planDigest: z.string(),
  entries: z.array(journalEntrySchema),
  finished: z.boolean(),
});

/** The journal of one run. */
export type Journal = Readonly<z.infer<typeof journalSchema>>;
/** One line of the journal. */
export type JournalEntry = Readonly<z.infer<typeof journalEntrySchema>>;
