import { z } from "zod";
import { type Plan, planSchema, type WorkflowName } from "./plan.ts";

/**
 * State of one action, written before and after each change of it: `running` before it is begun and `done` or `failed` after;
 * `undoing` before it is taken back and `undone` after.
 */
const actionStateSchema = z.enum(["pending", "running", "done", "failed", "undoing", "undone"]);

/** One line of the journal. */
const journalEntrySchema = z.object({
  id: z.string(),
  state: actionStateSchema,
  /** RFC 3339, UTC. */
  at: z.string(),
  /** When it was last begun, RFC 3339, UTC; absent of one that was never begun. */
  began: z.string().optional(),
  /** `ran`: a run did it; `found`: it was so already, and undoing the run must not take it away. */
  how: z.enum(["ran", "found"]).optional(),
  /** What the action wrote down before it began (replica counts, the revision that was there); never secret. */
  before: z.unknown().optional(),
  /** What the action gave, validated again by its own schema when a later run goes on; never secret. */
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
  /** What was decided before the first action, so that a run from any machine can go on with it. */
  plan: planSchema,
  /** sha256 of the plan's identity: a run of another plan starts anew (its actions converge all the same). */
  planDigest: z.string(),
  /** `back`: the run failed and is being taken back; the next one goes on with that. */
  direction: z.enum(["forward", "back"]),
  /** When the work on this plan began, also over interruptions; RFC 3339, UTC. */
  startedAt: z.string(),
  entries: z.array(journalEntrySchema),
  /** True when the run came to its end, done or taken back; false while it runs, and after it was killed, cancelled or failed. */
  finished: z.boolean(),
});

/** The journal of one run. */
export type Journal = Readonly<z.infer<typeof journalSchema>>;
/** One line of the journal. */
export type JournalEntry = Readonly<z.infer<typeof journalEntrySchema>>;

/** What every version of the journal has: enough to know whether it may be replaced. */
const headSchema = z.looseObject({ run: z.string(), plan: z.looseObject({ workflow: z.string() }), finished: z.boolean() });

/** A journal's text as this version understands it; `strange`: of another version, or damaged. */
export type JournalReading =
  | { readonly kind: "journal"; readonly journal: Journal }
  | { readonly kind: "strange"; readonly finished: boolean; readonly workflow: string | undefined };

/** Reads a journal's text. Never throws: what to do about a strange one is the caller's to decide. */
export function parseJournal(text: string | undefined): JournalReading {
  const value = json(text);
  const whole = journalSchema.safeParse(value);
  if (whole.success) return { kind: "journal", journal: whole.data };
  const head = headSchema.safeParse(value);
  return { kind: "strange", finished: head.data?.finished ?? false, workflow: head.data?.plan.workflow };
}

function json(text: string | undefined): unknown {
  try {
    return JSON.parse(text ?? "");
  } catch {
    return undefined;
  }
}

/** A journal in which every action is still pending. */
export function newJournal(head: { readonly run: string; readonly plan: Plan; readonly planDigest: string }, at: string): Journal {
  return {
    apiVersion: "migratectl/v1",
    kind: "Journal",
    ...head,
    direction: "forward",
    startedAt: at,
    finished: false,
    entries: head.plan.actions.map(({ id }) => ({ id, state: "pending", at })),
  };
}

/** The journal with one entry replaced; an id it does not have is a mistake of the caller and throws. */
export function withEntry(journal: Journal, entry: JournalEntry): Journal {
  if (!journal.entries.some(({ id }) => id === entry.id)) throw new RangeError(`the journal has no action ${entry.id}`);
  return { ...journal, entries: journal.entries.map((old) => (old.id === entry.id ? entry : old)) };
}

/** True when a run of the plan with this digest may go on from the journal. */
export function canResume(journal: Journal, workflow: WorkflowName, planDigest: string): boolean {
  return !journal.finished && journal.plan.workflow === workflow && journal.planDigest === planDigest;
}

/** How long one action took. */
export interface ActionTime {
  readonly id: string;
  readonly seconds: number;
}

/** Seconds from the (last) beginning of one action to the end of another; undefined unless both were carried out. */
export function secondsBetween(entries: readonly JournalEntry[], first: string, last: string): number | undefined {
  const began = entries.find(({ id }) => id === first)?.began;
  const ended = entries.find(({ id, state }) => id === last && state === "done")?.at;
  return began === undefined || ended === undefined ? undefined : (Date.parse(ended) - Date.parse(began)) / 1000;
}

/** The actions that were carried out, in the order of the plan, each with the time of its last attempt: what it waited for a person before is no part of it. */
export function timesOf(entries: readonly JournalEntry[]): readonly ActionTime[] {
  return entries.flatMap(({ id, state, began, at }) =>
    state === "done" && began !== undefined ? [{ id, seconds: (Date.parse(at) - Date.parse(began)) / 1000 }] : [],
  );
}
