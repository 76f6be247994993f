import { z } from "zod";
import type { Step } from "../workflow-builder.ts";
import type { ApplyGive } from "./apply.ts";
import type { InstallStart } from "./start.ts";

const givesSchema = z.object({ rollout: z.object({ components: z.number(), seconds: z.number() }) });

/** How many components are ready, and seconds it took. */
export type RolloutGive = z.infer<typeof givesSchema>;

/** Waits until everything of the release is ready; throws with the root cause when that will not happen. */
export type AwaitRollout = (
  start: InstallStart,
  watch: { readonly signal: AbortSignal; readonly view: (lines: readonly string[]) => void },
) => Promise<RolloutGive["rollout"]>;

/** Waits for the platform to be ready. */
export function rolloutStep(awaitRollout: AwaitRollout): Step<InstallStart, InstallStart & ApplyGive, RolloutGive> {
  return {
    id: "rollout",
    title: "Wait until everything is ready",
    describe: () => ({ touches: [], bytes: 0, seconds: 180, undo: "reads only" }),
    gives: givesSchema,
    run: async (start, { signal, view }) => ({ rollout: await awaitRollout(start, { signal, view }) }),
  };
}
