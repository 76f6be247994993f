import { z } from "zod";
import type { Advance } from "../../ports/progress.ts";
import type { Step } from "../workflow-builder.ts";
import type { BundleStart, InstallStart } from "./start.ts";

const givesSchema = z.object({ pushed: z.object({ sentBytes: z.number(), images: z.number(), presentImages: z.number() }).nullable() });

/** Bytes sent, images in the bundle and those that were there before; null when nothing was to be pushed. */
export type PushGive = z.infer<typeof givesSchema>;

/** Pushes every image of the bundle into the client's registry; what is there already is not sent again. */
export type PushBundle = (
  bundle: BundleStart,
  start: InstallStart,
  watch: { readonly signal: AbortSignal; readonly advance: (advance: Advance) => void },
) => Promise<NonNullable<PushGive["pushed"]>>;

/** Bytes a second that a registry in the same building takes; only the plan's estimate rests on it. */
const usualRate = 50e6;

/** Brings the bundle's images into the registry of the answers; not in the plan when there is no bundle. */
export function pushStep(push: PushBundle): Step<InstallStart, InstallStart, PushGive> {
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
    run: async (start, { signal, advance }) => ({
      pushed: start.bundle === undefined ? null : await push(start.bundle, start, { signal, advance }),
    }),
  };
}
