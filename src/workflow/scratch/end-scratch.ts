import { z } from "zod";
import type { ScratchDatabases } from "../../ports/scratch-databases.ts";
import type { Place } from "../run/carry-out.ts";
import type { Step } from "../run/step.ts";
import { scratchGone } from "./await-scratch.ts";

const purposes = ["drill", "preview"] as const;

/**
 * Ends what is restored beside the database: it holds the repository's volume on its node, and the primary, or the pod of a restore, may be
 * started on another one, where it would wait for the volume.
 */
export function endScratchStep(scratch: ScratchDatabases): Step<Place, Place, object> {
  return {
    id: "end-scratch",
    title: "End what is restored beside the database",
    describe: () => ({
      touches: ["Job/postgres-drill and Job/postgres-preview, where they are"],
      bytes: 0,
      seconds: 1,
      undo: "stays: a preview can be made again",
    }),
    gives: z.object({}),
    alreadySo: async (_start, { signal }) => {
      const found = await Promise.all(purposes.map((purpose) => scratch.find(purpose, signal)));
      return found.every((one) => one === undefined) ? {} : undefined;
    },
    run: async (_start, context) => {
      for (const purpose of purposes) await scratchGone(scratch, purpose, context);
      return {};
    },
  };
}
