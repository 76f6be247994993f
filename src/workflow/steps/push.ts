import { z } from "zod";
import type { Answers } from "../../domain/answers/answers.ts";
import type { Release } from "../../domain/release/release.ts";
import type { Advance } from "../../ports/progress.ts";
import type { BundleStart } from "../install/install-start.ts";
import type { Step } from "../run/step.ts";

const givesSchema = z.object({ pushed: z.object({ sentBytes: z.number(), images: z.number(), presentImages: z.number() }).nullable() });

/** Bytes sent, images in the bundle and those that were there before; null when nothing was to be pushed. */
export type PushGive = z.infer<typeof givesSchema>;

/** What pushing works from. */
export interface PushNeed {
  readonly answers: Answers;
  readonly release: Release;
  readonly bundle: BundleStart | undefined;
}

/** Pushes every image of the bundle into the client's registry; what is there already is not sent again. */
export type PushBundle = (
  bundle: BundleStart,
  start: PushNeed,
  watch: { readonly signal: AbortSignal; readonly advance: (advance: Advance) => void },
) => Promise<NonNullable<PushGive["pushed"]>>;

/** Bytes a second that a registry in the same building takes; only the plan's estimate rests on it. */
const usualRate = 50e6;

/** Brings the bundle's images into the registry of the answers; not in the plan when there is no bundle. */
export function pushStep(push: PushBundle): Step<PushNeed, PushNeed, PushGive> {
  return {
    id: "push",
    title: "Push the bundle's images",
    describe: ({ answers, release, bundle }) => ({
      touches: release.images.map(({ repository, tag }) => `${answers.registry.host}/${repository}:${tag}`),
      bytes: bundle?.bytes ?? 0,
      seconds: Math.ceil((bundle?.bytes ?? 0) / usualRate) + 5,
      undo: "stays: images are named by digest and harm nobody",
    }),
    unneeded: ({ bundle }) => (bundle === undefined ? { pushed: null } : undefined),
    gives: givesSchema,
    // The registry is asked again what it has: it may have lost what its disk did not keep, and nothing is sent twice.
    onResume: "again",
    run: async (start, { signal, advance }) => ({
      pushed: start.bundle === undefined ? null : await push(start.bundle, start, { signal, advance }),
    }),
  };
}
