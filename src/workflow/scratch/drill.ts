import { canonicalJson } from "../../domain/canonical-json.ts";
import { Problem } from "../../domain/errors/problem.ts";
import type { Actor } from "../../domain/plan/record.ts";
import { type DrillOutcome, drillOutcomeSchema } from "../../domain/recovery/drill.ts";
import type { Clock } from "../../ports/clock.ts";
import type { ClusterObjects } from "../../ports/cluster-objects.ts";
import type { Progress } from "../../ports/progress.ts";
import type { ScratchDatabase, ScratchDatabases } from "../../ports/scratch-databases.ts";
import { textOf } from "../restore/restore.ts";
import { sha256 } from "../run/plan-of.ts";
import { readRecord, writeRecord } from "../run/record-book.ts";
import { longestSeconds, scratchGone, scratchReached, scratchStarted, volumeFor } from "./await-scratch.ts";
import type { ScratchMoment } from "./scratch-moment.ts";

/** What a person asked for. */
export interface DrillRequest {
  readonly name: string;
  readonly namespace: string;
  /** True when a person named the moment: then a drill that is on its way must be one to this very moment. */
  readonly momentGiven: boolean;
  /** Every index is compared with its table, too, and every page with its checksum. */
  readonly thorough: boolean;
  /** Who asks, `user@host`. */
  readonly asker: string;
  readonly dryRun: boolean;
}

/** What a drill works through. */
export interface DrillPorts {
  readonly scratch: ScratchDatabases;
  readonly objects: ClusterObjects;
  readonly clock: Clock;
  readonly progress: Progress;
  /** Id of this run, for the record. */
  readonly run: string;
  readonly by: (signal: AbortSignal) => Promise<Actor>;
  /** Finds the moment that is wanted. Reads only. */
  readonly resolve: (signal: AbortSignal) => Promise<ScratchMoment>;
}

/** How a drill ended well. */
export interface DrillResult {
  readonly kind: "planned" | "passed";
  readonly moment: ScratchMoment;
  /** Bytes of the volume that it is given. */
  readonly volume: number;
  /** Absent in a dry run. */
  readonly outcome: DrillOutcome | undefined;
  readonly seconds: number;
}

const purpose = "drill";
const action = { id: "drill", title: "Restore beside the database, and ask what came of it" } as const;

/** Milliseconds that clearing away gets when the run is ended from outside. */
const clearWithin = 5_000;

/**
 * Restores a moment beside the database, asks what came of it, measures, throws it away, and writes into the record how it went. The platform
 * is not touched, so that neither Lease nor journal is needed: all there is of a drill is one Job, and one that is there is taken up.
 * @throws Problem DRILL_FAILED, SCRATCH_UNFIT, SCRATCH_BUSY, RECOVERY_*, REPOSITORY_*, BACKUP_*
 */
export async function drill(ports: DrillPorts, request: DrillRequest, signal: AbortSignal): Promise<DrillResult> {
  const { clock, progress } = ports;
  const startedAt = clock.now();
  const moment = await ports.resolve(signal);
  const volume = volumeFor(moment.bytes);
  if (request.dryRun) return { kind: "planned", moment, volume, outcome: undefined, seconds: 0 };
  progress.tell({ kind: "planned", actions: [action] });
  progress.tell({ kind: "started", ...action });
  const ended = await carriedOut(ports, request, moment, signal);
  await record(ports, request, { moment, ended, startedAt }, signal);
  if (ended.problem !== undefined) {
    progress.tell({ kind: "failed", id: action.id, what: ended.problem.message });
    throw ended.problem;
  }
  progress.tell({ kind: "done", id: action.id });
  return { kind: "passed", moment, volume, outcome: ended.outcome, seconds: (clock.now().getTime() - startedAt.getTime()) / 1000 };
}

/** How a drill came to its end. */
interface Ended {
  readonly outcome: DrillOutcome | undefined;
  readonly problem: Problem | undefined;
}

async function carriedOut(ports: DrillPorts, request: DrillRequest, moment: ScratchMoment, signal: AbortSignal): Promise<Ended> {
  const { scratch, clock, progress } = ports;
  const context = { clock, signal, view: (lines: readonly string[]) => progress.tell({ kind: "view", id: action.id, lines }) };
  try {
    await takeUp(ports, request, moment, signal);
    await scratch.start(
      { purpose, args: argsOf(request, moment), bytes: volumeFor(moment.bytes), seconds: longestSeconds, notes: notesOf(moment) },
      signal,
    );
    await scratchStarted(scratch, purpose, context);
    const end = await scratchReached(scratch, purpose, context, (seen) =>
      seen.phase === "succeeded" || seen.phase === "failed" ? seen : undefined,
    );
    await scratchGone(scratch, purpose, context);
    return judged(end);
  } catch (error) {
    if (signal.aborted) await scratch.remove(purpose, AbortSignal.timeout(clearWithin)).catch(() => undefined);
    if (!(error instanceof Problem) || error.code !== "SCRATCH_UNFIT") throw error;
    await scratchGone(scratch, purpose, context);
    return { outcome: undefined, problem: error };
  }
}

/** Clears away a drill that has ended with nobody to hear of it; one that is on its way is gone on with if it is the same. @throws Problem SCRATCH_BUSY */
async function takeUp(
  { scratch, clock, progress }: DrillPorts,
  { momentGiven }: DrillRequest,
  moment: ScratchMoment,
  signal: AbortSignal,
): Promise<void> {
  const seen = await scratch.find(purpose, signal);
  if (seen === undefined) return;
  if (seen.phase !== "pending" && seen.phase !== "running") return await scratchGone(scratch, purpose, { clock, signal });
  const target = seen.notes["target"] ?? "a moment that is not told";
  if (momentGiven && target !== textOf(moment.target))
    throw new Problem("SCRATCH_BUSY", { what: `a drill to ${target} is on its way since ${seen.startedAt.toISOString()}` });
  progress.tell({
    kind: "note",
    text: `A drill that was begun at ${seen.startedAt.toISOString()} is on its way, to ${target}: it is waited for.`,
  });
}

function judged({ message }: ScratchDatabase): Ended {
  const outcome = outcomeOf(message);
  if (outcome === undefined)
    return {
      outcome,
      problem: new Problem("DRILL_FAILED", { what: `the drill ended without telling how: ${message ?? "its pod says nothing"}` }),
    };
  if (outcome.verdict === "pass") return { outcome, problem: undefined };
  const failed = outcome.checks.filter(({ verdict }) => verdict === "fail").map(({ what, seen }) => `${what}: ${seen}`);
  return { outcome, problem: new Problem("DRILL_FAILED", { what: [outcome.message, ...failed].join("; "), data: { outcome } }) };
}

function outcomeOf(message: string | undefined): DrillOutcome | undefined {
  try {
    return drillOutcomeSchema.safeParse(JSON.parse(message ?? "")).data;
  } catch {
    return undefined;
  }
}

function argsOf({ asker, thorough }: DrillRequest, { target, newest }: ScratchMoment): readonly string[] {
  const { set, timeline, type, value } = target;
  return [
    ...["drill", "--by", asker],
    ...(thorough ? ["--thorough"] : []),
    ...(newest === undefined ? [] : ["--newest", newest]),
    ...[set, String(timeline), type],
    ...(value === undefined ? [] : [value]),
  ];
}

function notesOf({ target, at }: ScratchMoment): Readonly<Record<string, string>> {
  return { target: textOf(target), at };
}

async function record(
  { objects, clock, run, by }: DrillPorts,
  { name, namespace }: DrillRequest,
  { moment, ended, startedAt }: { readonly moment: ScratchMoment; readonly ended: Ended; readonly startedAt: Date },
  signal: AbortSignal,
): Promise<void> {
  const book = await readRecord(objects, namespace, signal);
  const entry = {
    workflow: "drill",
    run,
    by: await by(signal),
    version: book?.record.entries.at(-1)?.version ?? "",
    planDigest: sha256(canonicalJson({ workflow: "drill", target: moment.target })),
    skippedChecks: [],
    startedAt: startedAt.toISOString(),
    finishedAt: clock.now().toISOString(),
    ...(ended.problem === undefined
      ? { outcome: "succeeded" as const }
      : { outcome: "failed" as const, failure: { action: action.id, code: ended.problem.code } }),
    ...(ended.outcome === undefined ? {} : { figures: figuresOf(ended.outcome) }),
  };
  const clusterUid = book?.record.clusterUid ?? (await objects.clusterUid(namespace, signal)) ?? "unknown";
  await writeRecord(objects, namespace, { release: name, clusterUid, entry }, signal);
}

function figuresOf({ rtoSeconds, rpoSeconds, copySeconds, replaySeconds, bytes }: DrillOutcome): Readonly<Record<string, number>> {
  const all = { rtoSeconds, rpoSeconds, copySeconds, replaySeconds, bytes };
  return Object.fromEntries(Object.entries(all).flatMap(([name, value]) => (value === null ? [] : [[name, value]])));
}
