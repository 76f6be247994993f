import { z } from "zod";
import type { RunningParts } from "../../ports/running-parts.ts";
import type { Place } from "../run/carry-out.ts";
import type { Step } from "../run/step.ts";
import { backInService, type QuiesceGive } from "./quiesce.ts";

/** Brings everything back that was taken out of service. */
export function backInServiceStep(parts: RunningParts): Step<Place, Place & QuiesceGive, object> {
  return {
    id: "back-in-service",
    title: "Take the platform back into service",
    describe: () => ({ touches: ["everything that was scaled to 0 or suspended"], bytes: 0, seconds: 5, undo: "nothing to undo" }),
    gives: z.object({}),
    run: async (start, context) => {
      await backInService(parts, start, start.outOfService, context);
      return {};
    },
  };
}
