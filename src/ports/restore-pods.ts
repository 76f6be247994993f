import type { Examination, ExaminationDepth } from "../domain/recovery/examination.ts";

/** What the pod of a restore is to do. */
export interface RestorePodSpec {
  /** Names the restore; equal ids go on with the same restore. */
  readonly id: string;
  /** Words for the image's entrypoint, the role first. */
  readonly args: readonly string[];
  /** True for what needs the repository alone: the volume of the data may be lost. */
  readonly withoutData?: true;
}

/** A pod of a restore, as the kubelet tells it. */
export interface RestorePod {
  readonly name: string;
  readonly phase: "pending" | "running" | "succeeded" | "failed";
  /** Why it waits or has failed, in one sentence; its last words when it has ended. */
  readonly message: string | undefined;
}

/** What the restore in a pod is doing. */
export const restorePhases = [
  "starting",
  "copying",
  "recovering",
  "paused",
  "promoted",
  "promoting",
  "switching",
  "switched",
  "discarded",
  "failed",
] as const;

/** How far the restore in a pod has come. */
export interface RestoreState {
  readonly phase: (typeof restorePhases)[number];
  /** Why it failed; empty otherwise. */
  readonly message: string;
  /** Where recovery stands; undefined while no Postgres answers. */
  readonly reached:
    | {
        readonly inRecovery: boolean;
        readonly paused: boolean;
        readonly lsn: string;
        readonly lastCommit: string | undefined;
        readonly timeline: number;
      }
    | undefined;
}

/**
 * Pods that restore beside the data: the pod of the release's primary with another role, so that image, volumes and security are the same.
 * Every method may throw Problem CLUSTER_*, and those that ask in the pod EXEC_FAILED and BACKUP_HOST_STRANGE.
 */
export interface RestorePods {
  /** Starts the pod of a restore; one that is there already is left as it is. @throws Problem BACKUP_HOST_MISSING when the release has no Postgres */
  start(spec: RestorePodSpec, signal: AbortSignal): Promise<void>;
  find(id: string, signal: AbortSignal): Promise<RestorePod | undefined>;
  state(id: string, signal: AbortSignal): Promise<RestoreState>;
  /** Tells a restore that waits at its target how to go on. */
  decide(id: string, decision: "promote" | "discard", signal: AbortSignal): Promise<void>;
  /** What the recovered database holds, and whether it can be relied on. */
  examine(id: string, depth: ExaminationDepth, signal: AbortSignal): Promise<Examination>;
  /** One value of a query in the recovered database, as text. */
  query(id: string, sql: string, signal: AbortSignal): Promise<string>;
  /** Deletes the pod; it may take its time to end. */
  remove(id: string, signal: AbortSignal): Promise<void>;
}
