import { z } from "zod";
import type { Place } from "../run/carry-out.ts";
import type { Step } from "../run/step.ts";

const givesSchema = z.object({ rollout: z.object({ components: z.number(), seconds: z.number() }) });

/** How many components are ready, and seconds it took. */
export type RolloutGive = z.infer<typeof givesSchema>;

/** Waits until everything of the release is ready; throws with the root cause when that will not happen, later where it is the last resort. */
export type AwaitRollout = (
  start: Place,
  watch: { readonly signal: AbortSignal; readonly view: (lines: readonly string[]) => void; readonly lastResort?: boolean },
) => Promise<RolloutGive["rollout"]>;

/** Waits for the platform to be ready; `Need` is what the workflow must have done before. */
export function rolloutStep<Need extends Place>(
  awaitRollout: AwaitRollout,
  { lastResort }: { readonly lastResort: boolean } = { lastResort: false },
): Step<Place, Need, RolloutGive> {
  return {
    id: "rollout",
    title: "Wait until everything is ready",
    describe: () => ({ touches: [], bytes: 0, seconds: 180, undo: "reads only" }),
    gives: givesSchema,
    onResume: "again",
    run: async (start, { signal, view }) => ({ rollout: await awaitRollout(start, { signal, view, lastResort }) }),
  };
}
