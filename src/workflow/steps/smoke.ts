import { z } from "zod";
import type { Advance } from "../../ports/progress.ts";
import type { Place } from "../run/carry-out.ts";
import type { Step } from "../run/step.ts";
import type { RolloutGive } from "./rollout.ts";

const givesSchema = z.object({ smoke: z.object({ passed: z.number(), warned: z.number(), skipped: z.number() }) });

/** How the smoke test's checks ended. */
export type SmokeGive = z.infer<typeof givesSchema>;

/** Runs the smoke test; throws Problem SMOKE_FAILED when a check fails. */
export type RunSmoke<Start extends Place> = (
  start: Start,
  watch: { readonly signal: AbortSignal; readonly advance: (advance: Advance) => void },
) => Promise<SmokeGive["smoke"]>;

/** Uses the platform once, from the front door to the database. */
export function smokeStep<Start extends Place>(runSmoke: RunSmoke<Start>): Step<Start, Start & RolloutGive, SmokeGive> {
  return {
    id: "smoke",
    title: "Smoke test",
    describe: () => ({
      touches: ["one assessment and one cache entry, made for the test"],
      bytes: 0,
      seconds: 30,
      undo: "nothing to undo",
    }),
    gives: givesSchema,
    onResume: "again",
    run: async (start, { signal, advance }) => ({ smoke: await runSmoke(start, { signal, advance }) }),
  };
}
