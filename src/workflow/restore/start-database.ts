import { z } from "zod";
import { Problem } from "../../domain/errors/problem.ts";
import type { BackupHost, PrimaryState } from "../../ports/backup-host.ts";
import type { RunningParts } from "../../ports/running-parts.ts";
import { awaitSomething } from "../await-something.ts";
import type { Place } from "../run/carry-out.ts";
import type { Step } from "../run/step.ts";
import { unlessNoDatabase } from "./no-database.ts";
import { isDatabase, podsGone } from "./quiesce.ts";
import { type StopDatabaseGive, startDatabase } from "./stop-database.ts";

const givesSchema = z.object({ timeline: z.int() });

/** The timeline that the restored database writes. */
export type StartDatabaseGive = z.infer<typeof givesSchema>;

/** Milliseconds until the pod's agent answers, and until Postgres has ended again. */
const [answerWithin, endWithin] = [120_000, 180_000];

/** Why the database that runs now is not the one that should; undefined when it is. */
export type JudgePrimary<Start> = (start: Start, primary: PrimaryState) => string | undefined;

/** Starts Postgres on what is current now, and makes sure that it is the database that should run. */
export function startDatabaseStep<Start extends Place>(
  { parts, host }: { readonly parts: RunningParts; readonly host: BackupHost },
  judge: JudgePrimary<Start>,
): Step<Start, Start & StopDatabaseGive, StartDatabaseGive> {
  return {
    id: "start-database",
    title: "Start the database",
    describe: () => ({
      touches: ["StatefulSet/postgres and its replicas, scaled back; replicas clone the restored primary"],
      bytes: 0,
      seconds: 30,
      undo: "Postgres is stopped again",
    }),
    gives: givesSchema,
    run: async (start, context) => {
      await startDatabase(parts, start, start.database, context);
      const primary = await awaitSomething("the database does not answer", answerWithin, context, async () => {
        const seen = await host.primary(context.signal).catch(unlessNoDatabase);
        return seen?.inRecovery === false ? seen : undefined;
      });
      const wrong = judge(start, primary);
      if (wrong !== undefined) throw new Problem("RESTORE_FAILED", { what: wrong });
      return { timeline: primary.timeline };
    },
    undo: async (start, _done, context) => {
      for (const part of start.database) await parts.scale(start.namespace, part, 0, context.signal);
      await podsGone(parts, start, isDatabase, endWithin, context);
    },
  };
}
