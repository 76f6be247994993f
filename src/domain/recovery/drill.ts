import { z } from "zod";
import type { ArchivingFailure } from "./archiving.ts";
import type { RedisKeeping } from "./redis-snapshot.ts";

/** One thing that a recovered database was asked. */
const drillCheckSchema = z.object({ what: z.string(), verdict: z.enum(["pass", "fail"]), seen: z.string() });

const figure = z.number().nonnegative().nullable();

/** How a restore drill went, as the image tells it. */
export const drillOutcomeSchema = z.object({
  verdict: z.enum(["pass", "fail"]),
  /** Why it failed; empty otherwise. */
  message: z.string(),
  set: z.string(),
  timeline: z.int(),
  /** As pgBackRest takes them; standby: everything that was archived. */
  type: z.string(),
  target: z.string().nullable(),
  reachedLsn: z.string().nullable(),
  /** Time of the last commit that was replayed. */
  lastCommit: z.string().nullable(),
  bytes: figure,
  copySeconds: figure,
  replaySeconds: figure,
  /** From the start until the restored database answered. */
  rtoSeconds: figure,
  /** From the newest commit in the archive to the start: what would have been lost. */
  rpoSeconds: figure,
  checks: z.array(drillCheckSchema),
});

/** How a restore drill went. */
export type DrillOutcome = Readonly<z.infer<typeof drillOutcomeSchema>>;

/** A restore drill as the database remembers it. */
export interface DrillRun {
  /** `schedule`, or `user@host` of who asked for it. */
  readonly by: string;
  readonly status: "running" | "passed" | "failed";
  readonly startedAt: Date;
  readonly finishedAt?: Date | undefined;
  /** Why it failed. */
  readonly message?: string | undefined;
  /** Absent while it runs, and when it was cut off. */
  readonly outcome?: DrillOutcome | undefined;
}

/** A database that waits at a moment beside the primary, to be looked at. */
export interface Preview {
  /** The target in words. */
  readonly target: string;
  /** The moment, RFC 3339. */
  readonly at: string;
  /** When the cluster ends it. */
  readonly until: Date;
  /** False while it is on its way to the moment, and once it has ended. */
  readonly runs: boolean;
}

/** What there was and is beside the database of a release. */
export interface Beside {
  /** The last drill that came to its end. */
  readonly lastDrill: DrillRun | undefined;
  readonly preview: Preview | undefined;
  /** How WAL fails to be archived at this moment; undefined when it does not, or nobody can tell. */
  readonly archiving: ArchivingFailure | undefined;
  /** Undefined where the database does not answer, or its image knows nothing of Redis. */
  readonly redis: RedisKeeping | undefined;
}
