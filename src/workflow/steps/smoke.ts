import { z } from "zod";
import type { Release } from "../../domain/release/release.ts";
import type { Advance } from "../../ports/progress.ts";
import type { Place } from "../run/carry-out.ts";
import type { Step } from "../run/step.ts";
import type { RolloutGive } from "./rollout.ts";

const givesSchema = z.object({ smoke: z.object({ passed: z.number(), warned: z.number(), skipped: z.number() }) });

/** How the smoke test's checks ended. */
export type SmokeGive = z.infer<typeof givesSchema>;

/** What the smoke test works from: the release's version and schema revision are what it must answer. */
export type SmokeNeed = Place & { readonly release: Release };

/** Runs the smoke test; throws Problem SMOKE_FAILED when a check fails. */
export type RunSmoke = (
  start: SmokeNeed,
  watch: { readonly signal: AbortSignal; readonly advance: (advance: Advance) => void },
) => Promise<SmokeGive["smoke"]>;

/** Uses the platform once, from the front door to the database. */
export function smokeStep(runSmoke: RunSmoke): Step<SmokeNeed, SmokeNeed & RolloutGive, SmokeGive> {
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
