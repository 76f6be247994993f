import { z } from "zod";
import type { RestorePods } from "../../ports/restore-pods.ts";
import type { Step } from "../run/step.ts";
import { gone, promoted, type RecoverGive, runToEnd } from "./recover.ts";
import type { Reached, RestoreStart } from "./restore-start.ts";

/** Shows the moment that was reached and asks whether it is the one. @throws Problem RESTORE_NOT_CONFIRMED */
export type ConfirmReached = (start: RestoreStart, reached: Reached, signal: AbortSignal) => Promise<void>;

/**
 * Has a person look at the moment that was reached, then ends recovery on a timeline of its own and makes the new directory current. The old
 * one stays beside it, so that undoing is a switch of a link.
 */
export function promoteStep(
  pods: RestorePods,
  confirm: ConfirmReached,
): Step<RestoreStart, RestoreStart & RecoverGive, object, { readonly looked: true }> {
  return {
    id: "promote",
    title: "Promote, and make the restored data current",
    describe: () => ({
      touches: ["the link `current` on the data volume; what it pointed to is kept"],
      bytes: 0,
      seconds: 15,
      undo: "the link is switched back",
    }),
    gives: z.object({}),
    // Asked before the journal says that promoting began: who goes on after an interruption has said yes already.
    before: {
      schema: z.object({ looked: z.literal(true) }),
      gather: async (start, { signal }) => {
        await confirm(start, start.reached, signal);
        return { looked: true };
      },
    },
    run: async (start, context) => {
      await promoted(pods, start, context);
      await gone(pods, start.id, context);
      return {};
    },
    undo: async ({ id }, _done, context) => {
      await gone(pods, id, context);
      await runToEnd(pods, `${id}-undo`, ["undo-restore", id], context);
    },
  };
}
