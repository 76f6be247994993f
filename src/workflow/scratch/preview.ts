import { z } from "zod";
import { Problem } from "../../domain/errors/problem.ts";
import type { TableCount } from "../../domain/recovery/examination.ts";
import { judgeRecovered, type RecoveredCheck } from "../../domain/recovery/judge-recovered.ts";
import type { Clock } from "../../ports/clock.ts";
import type { ClusterObjects } from "../../ports/cluster-objects.ts";
import type { PersonsTerminal } from "../../ports/pod-exec.ts";
import type { Progress } from "../../ports/progress.ts";
import type { ScratchDatabase, ScratchDatabases, ScratchState } from "../../ports/scratch-databases.ts";
import { textOf } from "../restore/restore.ts";
import type { Reached, RecoveryTarget } from "../restore/restore-start.ts";
import { installedReleases, readRecord } from "../run/record-book.ts";
import { scratchGone, scratchReached, scratchStarted, volumeFor } from "./await-scratch.ts";
import type { ScratchMoment } from "./scratch-moment.ts";

/** What a person asked for. */
export interface PreviewRequest {
  readonly namespace: string;
  /** True when a moment was named that is the same each time it is named: then a preview that is there must be of this very one. */
  readonly momentGiven: boolean;
  /** Seconds that it is kept. */
  readonly keep: number;
  readonly dryRun: boolean;
}

/** What previews work through. */
export interface PreviewPorts {
  readonly scratch: ScratchDatabases;
  readonly objects: ClusterObjects;
  readonly clock: Clock;
  readonly progress: Progress;
}

/** A moment that waits beside the primary. */
export interface PreviewResult {
  readonly kind: "planned" | "waits";
  readonly target: RecoveryTarget;
  /** The moment, RFC 3339. */
  readonly at: string;
  /** When the cluster ends it. */
  readonly until: Date;
  /** Absent in a dry run. */
  readonly shown: ShownMoment | undefined;
}

/** What is seen of the moment, as a restore to it would see it before promoting. */
export interface ShownMoment {
  readonly pod: string;
  readonly reached: Reached;
  readonly tables: readonly TableCount[];
  readonly checks: readonly RecoveredCheck[];
}

const purpose = "preview";
const action = { id: "preview", title: "Restore beside the database, and wait at the moment" } as const;

const notedSchema = z.object({
  at: z.string(),
  until: z.iso.datetime().transform((text) => new Date(text)),
  recovery: z
    .string()
    .transform((text) => JSON.parse(text) as unknown)
    .pipe(
      z.object({
        set: z.string(),
        timeline: z.int(),
        type: z.enum(["time", "lsn", "immediate"]),
        value: z.string().optional(),
      }),
    ),
});

/**
 * Restores a moment into a database beside the primary, where it waits, read-only, until it is dropped or its time is over. The platform is not
 * touched. One that is there already is shown, or waited for where it is on its way.
 * @throws Problem PREVIEW_FAILED, SCRATCH_UNFIT, SCRATCH_BUSY, RECOVERY_*, REPOSITORY_*, BACKUP_*
 */
export async function openPreview(
  ports: PreviewPorts & { readonly resolve: (signal: AbortSignal) => Promise<ScratchMoment> },
  request: PreviewRequest,
  signal: AbortSignal,
): Promise<PreviewResult> {
  const { scratch, clock, progress } = ports;
  const moment = await ports.resolve(signal);
  const until = new Date(clock.now().getTime() + request.keep * 1000);
  if (request.dryRun) return { kind: "planned", target: moment.target, at: moment.at, until, shown: undefined };
  const context = { clock, signal, view: (lines: readonly string[]) => progress.tell({ kind: "view", id: action.id, lines }) };
  progress.tell({ kind: "planned", actions: [action] });
  progress.tell({ kind: "started", ...action });
  await takeUp(ports, request, moment, signal);
  await scratch.start(
    { purpose, args: argsOf(moment.target), bytes: volumeFor(moment.bytes), seconds: request.keep, notes: notesOf(moment, until) },
    signal,
  );
  try {
    await scratchStarted(scratch, purpose, context);
    await scratchReached(scratch, purpose, context, atTarget);
  } catch (error) {
    // What has failed keeps nothing that somebody could look at.
    if (error instanceof Problem && (error.code === "PREVIEW_FAILED" || error.code === "SCRATCH_UNFIT")) {
      progress.tell({ kind: "failed", id: action.id, what: error.message });
      await scratchGone(scratch, purpose, context);
    }
    throw error;
  }
  progress.tell({ kind: "done", id: action.id });
  return await showPreview(ports, request.namespace, signal);
}

/** What the preview holds. Reads only. @throws Problem PREVIEW_MISSING where there is none, or none that can be asked yet */
export async function showPreview(
  { scratch, objects }: Pick<PreviewPorts, "scratch" | "objects">,
  namespace: string,
  signal: AbortSignal,
): Promise<PreviewResult> {
  const { pod, seen, state } = await waiting(scratch, signal);
  const { at, until, recovery } = notesIn(seen);
  const { lsn, lastCommit } = state.reached;
  const reached = { lsn, ...(lastCommit === undefined ? {} : { lastCommit }) };
  const recovered = await scratch.examine(pod, signal);
  const releases = installedReleases(await readRecord(objects, namespace, signal));
  const checks = judgeRecovered(recovered, { before: undefined, releases, depth: "quick", redis: "snapshot", lastCommit });
  const shown = { pod, reached, tables: recovered.tables, checks };
  return { kind: "waits", target: { ...recovery, value: recovery.value }, at, until, shown };
}

/** The result of a query in the preview, as psql prints it. @throws Problem PREVIEW_MISSING, BACKUP_HOST_STRANGE with what Postgres says of the query */
export async function queryPreview({ scratch }: Pick<PreviewPorts, "scratch">, sql: string, signal: AbortSignal): Promise<string> {
  const { pod } = await waiting(scratch, signal);
  return await scratch.query(pod, sql, signal);
}

/** Opens psql in the preview for a person, for as long as that is there. @throws Problem PREVIEW_MISSING, EXEC_FAILED, DEADLINE when the preview's time is over */
export async function enterPreview(
  { scratch, clock }: Pick<PreviewPorts, "scratch" | "clock">,
  terminal: PersonsTerminal,
  signal: AbortSignal,
): Promise<void> {
  const { pod, seen } = await waiting(scratch, signal);
  const left = notesIn(seen).until.getTime() - clock.now().getTime();
  await scratch.enter(pod, terminal, Math.max(left, 1), signal);
}

/** The very target of the preview, for restoring it. @throws Problem PREVIEW_MISSING */
export async function previewTarget({ scratch }: Pick<PreviewPorts, "scratch">, signal: AbortSignal): Promise<RecoveryTarget> {
  const seen = await scratch.find(purpose, signal);
  if (seen === undefined) throw missing("there is no preview");
  const { recovery } = notesIn(seen);
  return { ...recovery, value: recovery.value };
}

/** Ends the preview and gives its volume back; false where there was none. */
export async function dropPreview(
  { scratch, clock }: Pick<PreviewPorts, "scratch" | "clock">,
  dryRun: boolean,
  signal: AbortSignal,
): Promise<boolean> {
  if ((await scratch.find(purpose, signal)) === undefined) return false;
  if (!dryRun) await scratchGone(scratch, purpose, { clock, signal });
  return true;
}

async function takeUp(
  { scratch, clock, progress }: PreviewPorts,
  { momentGiven }: PreviewRequest,
  moment: ScratchMoment,
  signal: AbortSignal,
): Promise<void> {
  const seen = await scratch.find(purpose, signal);
  if (seen === undefined) return;
  if (seen.phase !== "pending" && seen.phase !== "running") return await scratchGone(scratch, purpose, { clock, signal });
  const target = seen.notes["target"] ?? "a moment that is not told";
  if (momentGiven && target !== textOf(moment.target))
    throw new Problem("SCRATCH_BUSY", {
      what: `a preview of ${target} is there, until ${seen.notes["until"] ?? "it is dropped"}`,
      fix: "Look at that one: migratectl preview show. Or give it up: migratectl preview drop",
    });
  progress.tell({ kind: "note", text: `There is a preview already, of ${target}: this is the one.` });
}

/** True once it waits at its target. */
function atTarget({ phase, message }: ScratchDatabase, state: ScratchState | undefined): true | undefined {
  if (phase === "succeeded" || phase === "failed" || state?.phase === "failed")
    throw new Problem("PREVIEW_FAILED", { what: state?.message || message || "it ended without saying why" });
  return state?.phase === "paused" && state.reached !== undefined ? true : undefined;
}

async function waiting(scratch: ScratchDatabases, signal: AbortSignal) {
  const seen = await scratch.find(purpose, signal);
  if (seen === undefined) throw missing("there is no preview");
  if (seen.phase !== "running" || seen.pod === undefined)
    throw missing(`the preview is ${seen.phase}${seen.message === undefined ? "" : `: ${seen.message}`}`);
  const state = await scratch.state(seen.pod, signal);
  if (state.phase !== "paused" || state.reached === undefined) throw missing(`the preview is on its way to its moment (${state.phase})`);
  return { pod: seen.pod, seen, state: { ...state, reached: state.reached } };
}

function argsOf({ set, timeline, type, value }: RecoveryTarget): readonly string[] {
  return ["restore", "preview", set, String(timeline), type, ...(value === undefined ? [] : [value])];
}

function notesOf({ target, at }: ScratchMoment, until: Date): Readonly<Record<string, string>> {
  return { target: textOf(target), recovery: JSON.stringify(target), at, until: until.toISOString() };
}

function notesIn({ notes }: ScratchDatabase): z.infer<typeof notedSchema> {
  const parsed = notedSchema.safeParse(notes);
  if (!parsed.success) throw missing("a preview is there that this version does not understand");
  return parsed.data;
}

function missing(what: string): Problem {
  return new Problem("PREVIEW_MISSING", { what });
}
