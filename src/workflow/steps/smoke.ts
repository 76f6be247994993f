import { z } from "zod";
import type { Advance } from "../../ports/progress.ts";
import type { Step } from "../workflow-builder.ts";
import type { RolloutGive } from "./rollout.ts";
import type { InstallStart } from "./start.ts";

const givesSchema = z.object({ smoke: z.object({ passed: z.number(), warned: z.number(), skipped: z.number() }) });

/** How the smoke test's checks ended. */
export type SmokeGive = z.infer<typeof givesSchema>;

/** Runs the smoke test; throws Problem SMOKE_FAILED when a check fails. */
export type RunSmoke = (
  start: InstallStart,
  watch: { readonly signal: AbortSignal; readonly advance: (advance: Advance) => void },
) => Promise<SmokeGive["smoke"]>;

/** Uses the platform once, from the front door to the database. */
export function smokeStep(runSmoke: RunSmoke): Step<InstallStart, InstallStart & RolloutGive, SmokeGive> {
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
    run: async (start, { signal, advance }) => ({ smoke: await runSmoke(start, { signal, advance }) }),
  };
}
