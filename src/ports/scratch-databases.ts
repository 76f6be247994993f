import type { Examination } from "../domain/recovery/examination.ts";
import type { PersonsTerminal } from "./pod-exec.ts";
import type { RestoreState } from "./restore-pods.ts";

/** What a database beside the primary is for; there is at most one for each. */
export type ScratchPurpose = "drill" | "preview";

/** What the pod of a database beside the primary is to do. */
export interface ScratchSpec {
  readonly purpose: ScratchPurpose;
  /** Words for the image's entrypoint, the role first. */
  readonly args: readonly string[];
  /** Bytes that its volume has to hold. */
  readonly bytes: number;
  /** Seconds after which it is ended, forgotten or not. */
  readonly seconds: number;
  /** Kept with it, for whoever finds it. */
  readonly notes: Readonly<Record<string, string>>;
}

/** A database beside the primary, as the cluster tells it. */
export interface ScratchDatabase {
  /** Of its pod; undefined while there is none. */
  readonly pod: string | undefined;
  readonly phase: "pending" | "running" | "succeeded" | "failed" | "ending";
  /** Why it waits or has failed, in one sentence; its last words when it has ended. */
  readonly message: string | undefined;
  readonly args: readonly string[];
  readonly startedAt: Date;
  readonly notes: Readonly<Record<string, string>>;
}

/** What is going on in the pod of a database beside the primary. */
export const scratchPhases = [
  "starting",
  "copying",
  "recovering",
  "paused",
  "promoted",
  "checking",
  "passed",
  "discarded",
  "failed",
] as const;

/** How far the restore in it has come. */
export interface ScratchState extends Omit<RestoreState, "phase"> {
  readonly phase: (typeof scratchPhases)[number];
}

/**
 * Databases that are restored beside the primary, each on a volume that lives as long as its pod: the pod of the primary with another role.
 * They read the repository and archive nothing. Every method may throw Problem CLUSTER_*, and those that ask in the pod EXEC_FAILED and
 * BACKUP_HOST_STRANGE.
 */
export interface ScratchDatabases {
  /** Starts one; one for the same purpose that is there already is left as it is. @throws Problem BACKUP_HOST_MISSING when the release has no Postgres */
  start(spec: ScratchSpec, signal: AbortSignal): Promise<void>;
  /** Undefined once nothing is left of it. */
  find(purpose: ScratchPurpose, signal: AbortSignal): Promise<ScratchDatabase | undefined>;
  state(pod: string, signal: AbortSignal): Promise<ScratchState>;
  /** What the recovered database holds, and whether it can be relied on; looked at quickly. */
  examine(pod: string, signal: AbortSignal): Promise<Examination>;
  /** The result of a query, as psql prints it. */
  query(pod: string, sql: string, signal: AbortSignal): Promise<string>;
  /** Opens psql in it for a person, for at most that many milliseconds; ends when they leave it. */
  enter(pod: string, terminal: PersonsTerminal, within: number, signal: AbortSignal): Promise<void>;
  /** Deletes it, its pod and its volume; that may take its time. */
  remove(purpose: ScratchPurpose, signal: AbortSignal): Promise<void>;
}
