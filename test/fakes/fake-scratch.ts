import { Problem } from "../../src/domain/errors/problem.ts";
import type { DrillOutcome } from "../../src/domain/recovery/drill.ts";
import type { Examination } from "../../src/domain/recovery/examination.ts";
import type { ScratchDatabase, ScratchDatabases, ScratchPurpose, ScratchSpec, ScratchState } from "../../src/ports/scratch-databases.ts";
import { soundExamination } from "./sound-examination.ts";

interface Job {
  readonly spec: ScratchSpec;
  phase: ScratchDatabase["phase"];
  message?: string;
  /** How often somebody has looked: the world goes on between two looks. */
  looks: number;
}

const outcome: DrillOutcome = {
  verdict: "pass",
  message: "",
  set: "20260101-000000F",
  timeline: 1,
  type: "time",
  target: "2026-01-02 03:00:00.000000+00",
  reachedLsn: "0/5000100",
  lastCommit: "2026-01-02T02:59:58.000000Z",
  bytes: 24_000_000,
  copySeconds: 1.5,
  replaySeconds: 2.5,
  rtoSeconds: 4,
  rpoSeconds: 42,
  checks: [{ what: "tables", verdict: "pass", seen: "9 tables with 120 rows" }],
};

/** Databases beside the primary as a world that keeps state: Jobs that start, recover, wait or end, and take their time to go. */
export class FakeScratch {
  readonly jobs = new Map<ScratchPurpose, Job>();
  /** Everything that was ever started. */
  readonly started: ScratchSpec[] = [];
  /** What the next drill tells at its end; text that is no outcome stands for a pod that was lost. */
  tells: DrillOutcome | string = outcome;
  /** Why pods cannot be scheduled. */
  unschedulable: string | undefined;
  /** Why the restore fails. */
  recoveryFailure: string | undefined;
  /** Milliseconds for which psql was opened, each time. */
  readonly entered: number[] = [];
  /** Rows that a preview has. */
  rows = 7;
  /** What else a preview has, where that is unusual. */
  found: Partial<Examination> = {};

  readonly databases: ScratchDatabases = {
    start: async (spec) => {
      if (this.jobs.has(spec.purpose)) return;
      this.started.push(spec);
      this.jobs.set(spec.purpose, { spec, phase: "pending", looks: 0 });
    },
    find: async (purpose) => {
      const job = this.jobs.get(purpose);
      if (job === undefined) return undefined;
      this.goOn(purpose, job);
      const { spec, phase, message } = job;
      if (!this.jobs.has(purpose)) return undefined;
      return { pod: `postgres-${purpose}-x`, phase, message, args: spec.args, startedAt: new Date(0), notes: spec.notes };
    },
    state: async (pod): Promise<ScratchState> => {
      const job = this.running(pod);
      const done = job.looks > 3;
      const reached = { inRecovery: true, paused: done, lsn: "0/5000100", lastCommit: "2026-01-02T02:59:58Z", timeline: 1 };
      return { phase: done && job.spec.purpose === "preview" ? "paused" : "recovering", message: "", reached };
    },
    examine: async (pod) => {
      this.running(pod);
      return { ...soundExamination, tables: [{ name: "migration.assessment", rows: this.rows, exact: true }], ...this.found };
    },
    query: async (pod, sql) => {
      this.running(pod);
      return sql === "select count(*) from migration.assessment" ? String(this.rows) : "";
    },
    enter: async (pod, { show }, within) => {
      this.running(pod);
      this.entered.push(within);
      await show(Buffer.from("migration=# "));
    },
    remove: async (purpose) => {
      const job = this.jobs.get(purpose);
      if (job !== undefined) job.phase = "ending";
    },
  };

  private goOn(purpose: ScratchPurpose, job: Job): void {
    job.looks += 1;
    if (job.phase === "ending" && job.looks > 1) this.jobs.delete(purpose);
    if (job.phase === "pending") {
      if (this.unschedulable === undefined) job.phase = "running";
      else job.message = this.unschedulable;
    }
    if (job.phase !== "running") return;
    if (this.recoveryFailure !== undefined) {
      job.phase = "failed";
      job.message = this.recoveryFailure;
    } else if (purpose === "drill" && job.looks > 3) {
      job.phase = typeof this.tells !== "string" && this.tells.verdict === "pass" ? "succeeded" : "failed";
      job.message = typeof this.tells === "string" ? this.tells : JSON.stringify({ ...this.tells, id: 1, by: "anna" });
    }
  }

  private running(pod: string): Job {
    const job = [...this.jobs.entries()].find(([purpose]) => pod === `postgres-${purpose}-x`)?.[1];
    if (job?.phase !== "running") throw new Problem("EXEC_FAILED", { what: `no pod ${pod} runs` });
    return job;
  }
}

/** The outcome of a drill that found something wrong. */
export const failedOutcome: DrillOutcome = {
  ...outcome,
  verdict: "fail",
  message: "what was recovered is not what it should be",
  checks: [{ what: "indexes", verdict: "fail", seen: "not valid: migration.pattern_embedding" }],
};
