import { z } from "zod";
import type { Place } from "../run/carry-out.ts";
import type { Step } from "../run/step.ts";

const givesSchema = z.object({ rollout: z.object({ components: z.number(), seconds: z.number() }) });

/** How many components are ready, and seconds it took. */
export type RolloutGive = z.infer<typeof givesSchema>;

/** Waits until everything of the release is ready; throws with the root cause when that will not happen. */
export type AwaitRollout = (
  start: Place,
  watch: { readonly signal: AbortSignal; readonly view: (lines: readonly string[]) => void },
) => Promise<RolloutGive["rollout"]>;

/** Waits for the platform to be ready; `Need` is what the workflow must have done before. */
export function rolloutStep<Need extends Place>(awaitRollout: AwaitRollout): Step<Place, Need, RolloutGive> {
  return {
    id: "rollout",
    title: "Wait until everything is ready",
    describe: () => ({ touches: [], bytes: 0, seconds: 180, undo: "reads only" }),
    gives: givesSchema,
    onResume: "again",
    run: async (start, { signal, view }) => ({ rollout: await awaitRollout(start, { signal, view }) }),
  };
}
