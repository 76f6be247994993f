import { z } from "zod";
import type { BackupHost } from "../../ports/backup-host.ts";
import type { Place } from "../run/carry-out.ts";
import type { Step } from "../run/step.ts";
import { unlessNoDatabase } from "./no-database.ts";
import type { QuiesceGive } from "./quiesce.ts";

const stateSchema = z.object({
  tables: z.array(z.object({ name: z.string(), rows: z.number().exactOptional(), exact: z.boolean() })),
  schemaRevision: z.string().exactOptional(),
});
const givesSchema = z.object({ stateBefore: stateSchema.exactOptional() });

/** What the database held before it was stopped; absent where none answered. */
export type StateBeforeGive = z.infer<typeof givesSchema>;

/** Counts what the database holds, once nothing writes to it any more: what a restore takes away is told beside it. */
export function stateBeforeStep(host: BackupHost): Step<Place, Place & QuiesceGive, StateBeforeGive> {
  return {
    id: "state-before",
    title: "Count what the database holds",
    describe: () => ({ touches: [], bytes: 0, seconds: 5, undo: "reads only" }),
    gives: givesSchema,
    run: async (_start, { note, signal }) => {
      const held = await host.examine("counts", signal).catch(unlessNoDatabase);
      if (held === undefined) {
        note("No database answers: what the restored one holds cannot be compared with what was there before.");
        return {};
      }
      const { tables, schemaRevision } = held;
      return { stateBefore: { tables: [...tables], ...(schemaRevision === undefined ? {} : { schemaRevision }) } };
    },
  };
}
