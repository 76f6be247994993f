import type { ReleaseSchema } from "../../domain/recovery/judge-recovered.ts";
import type { Place } from "../run/carry-out.ts";

/** A moment of the database, as pgBackRest and Postgres take it. */
export interface RecoveryTarget {
  /** Label of the set that recovery begins from. */
  readonly set: string;
  /** Number of the timeline whose history is followed; never `latest`. */
  readonly timeline: number;
  readonly type: "time" | "lsn" | "immediate";
  /** Absent for `immediate`: where the set itself is consistent. */
  readonly value: string | undefined;
}

/** Everything that is known before a restore changes anything. */
export interface RestoreStart extends Place {
  /** Names the restore, its pod and its directory; the same over interruptions. */
  readonly id: string;
  readonly target: RecoveryTarget;
  /** System identifier of the cluster that is restored; undefined when no Postgres answered. */
  readonly systemId: string | undefined;
  /** True when the claim of the data was deleted: it is made anew, and there is nothing to go back to. */
  readonly volumeLost: boolean;
  /** Releases that were installed here with the schema that each needs, oldest first, as far as the record tells. */
  readonly releases: readonly ReleaseSchema[];
}

/** Where recovery came to rest. */
export interface Reached {
  readonly lsn: string;
  /** Time of the last commit that was replayed, RFC 3339; absent where none was. */
  readonly lastCommit?: string;
}
