import { z } from "zod";
import type { BackupHost } from "../../ports/backup-host.ts";
import { awaitSomething } from "../await-something.ts";
import type { Place } from "../run/carry-out.ts";
import type { Step } from "../run/step.ts";
import { unlessNoDatabase } from "./no-database.ts";
import type { StopDatabaseGive } from "./stop-database.ts";

/** Milliseconds until a heartbeat is written, which is every half minute, and until every replica has been cloned and streams. */
const [beatWithin, streamWithin] = [120_000, 900_000];

/** Sees that the database goes on: its heartbeat advances, and its replicas stream from it, cloned again where they could not follow. */
export function goesOnStep<Start extends Place>(host: BackupHost): Step<Start, Start & StopDatabaseGive, object> {
  return {
    id: "goes-on",
    title: "See the heartbeat advance and the replicas stream",
    describe: () => ({ touches: [], bytes: 0, seconds: 10, undo: "reads only" }),
    gives: z.object({}),
    run: async ({ database }, context) => {
      const look = () => host.examine("counts", context.signal).catch(unlessNoDatabase);
      await awaitSomething("the heartbeat does not advance", beatWithin, context, async () =>
        (await look())?.heartbeat?.advances === true ? true : undefined,
      );
      const wanted = database.filter(({ component }) => component === "postgres-replica").reduce((sum, { replicas }) => sum + replicas, 0);
      await awaitSomething("the replicas do not stream", streamWithin, context, async () => {
        const streaming = (await look())?.replicas ?? 0;
        context.view([`${streaming} of ${wanted} replicas stream`]);
        return streaming >= wanted ? true : undefined;
      });
      return {};
    },
  };
}
