import { pass, warn } from "../judgement.ts";
import { type DoctorCheck, unread } from "./check.ts";

/** Migrations that an upgrade has left for later. */
export interface PutOffMigrations {
  /** The release whose they are. */
  readonly version: string;
  readonly ids: readonly string[];
  /** RFC 3339. */
  readonly since: string;
}

const wanted = "no migration that waits";

/** Has the last upgrade been finished? */
export const putOff: DoctorCheck = {
  id: "put-off",
  title: "Migrations",
  why: "The next release begins where this one ends, and cannot be upgraded to before; until then the release before this one could still come back.",
  assess({ putOff: reading, namespace }) {
    if (reading.kind !== "known") return [unread(reading, wanted)];
    if (reading.value === undefined) return [pass("all have run", wanted)];
    const { version, ids, since } = reading.value;
    return [
      warn(
        `${ids.join(", ")} of ${version} put off since ${since.slice(0, 10)}`,
        wanted,
        `Once ${version} has proved itself: migratectl upgrade --finish --bundle FILE --namespace ${namespace}, with the bundle of ${version}`,
      ),
    ];
  },
};
