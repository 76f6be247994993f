import { z } from "zod";
import { Problem } from "../../domain/errors/problem.ts";
import type { BackupHost } from "../../ports/backup-host.ts";
import type { RunningParts } from "../../ports/running-parts.ts";
import type { Step } from "../run/step.ts";
import { awaitSomething } from "./await.ts";
import { isDatabase, podsGone } from "./quiesce.ts";
import type { RestoreStart } from "./restore-start.ts";
import { type StopDatabaseGive, startDatabase } from "./stop-database.ts";

const givesSchema = z.object({ timeline: z.int() });

/** The timeline that the restored database writes. */
export type StartDatabaseGive = z.infer<typeof givesSchema>;

/** Milliseconds until the pod's agent answers, and until Postgres has ended again. */
const [answerWithin, endWithin] = [120_000, 180_000];

/** Starts Postgres on what is current now, and makes sure that it is the database that was to be restored, on a timeline of its own. */
export function startDatabaseStep(ports: {
  readonly parts: RunningParts;
  readonly host: BackupHost;
}): Step<RestoreStart, RestoreStart & StopDatabaseGive, StartDatabaseGive> {
  const { parts, host } = ports;
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
        const seen = await host.inspect(context.signal).catch(notYet);
        return seen?.primary?.inRecovery === false ? seen.primary : undefined;
      });
      if (start.systemId !== undefined && primary.systemId !== start.systemId)
        throw new Problem("RESTORE_FAILED", { what: `the database that runs now is ${primary.systemId}, not ${start.systemId}` });
      if (primary.timeline <= start.target.timeline)
        throw new Problem("RESTORE_FAILED", { what: `the database is on timeline ${primary.timeline}: it was not promoted` });
      return { timeline: primary.timeline };
    },
    undo: async (start, _done, context) => {
      for (const part of start.database) await parts.scale(start.namespace, part, 0, context.signal);
      await podsGone(parts, start, isDatabase, endWithin, context);
    },
  };
}

function notYet(error: unknown): undefined {
  if (error instanceof Problem && ["EXEC_FAILED", "BACKUP_HOST_STRANGE", "BACKUP_HOST_MISSING"].includes(error.code)) return undefined;
  throw error;
}
