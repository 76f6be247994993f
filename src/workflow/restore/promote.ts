import { z } from "zod";
import { Problem } from "../../domain/errors/problem.ts";
import type { ExaminationDepth } from "../../domain/recovery/examination.ts";
import { judgeRecovered, type RecoveredCheck, recoveredChecks } from "../../domain/recovery/judge-recovered.ts";
import type { RedisChoice } from "../../domain/recovery/redis-snapshot.ts";
import type { RestorePods } from "../../ports/restore-pods.ts";
import type { Step } from "../run/step.ts";
import { gone, promoted, type RecoverGive, runToEnd } from "./recover.ts";
import type { Reached, RestoreStart } from "./restore-start.ts";
import type { StateBeforeGive } from "./state-before.ts";

/** Shows the moment that was reached and what was found there, and asks whether it is the one. @throws Problem RESTORE_NOT_CONFIRMED */
export type ConfirmReached = (
  start: RestoreStart,
  found: { readonly reached: Reached; readonly checks: readonly RecoveredCheck[] },
  signal: AbortSignal,
) => Promise<void>;

/** How a recovered database is looked at before it becomes the one that serves. */
export interface RecoveredLook {
  readonly depth: Exclude<ExaminationDepth, "counts">;
  /** Checks whose failure a person lets pass, with the reason. */
  readonly skips: ReadonlyMap<string, string>;
}

const checksSchema = z.array(
  z.object({
    id: z.enum(recoveredChecks),
    verdict: z.enum(["pass", "warn", "fail"]),
    seen: z.string(),
    skipped: z.string().exactOptional(),
  }),
);

/** What was looked at before the restored data became current. */
export const promoteGives = z.object({ checks: checksSchema });

/**
 * Looks at the recovered database, has a person look at what was reached, then ends recovery on a timeline of its own and makes the new directory current. The old
 * one stays beside it, so that undoing is a switch of a link.
 */
export function promoteStep(
  pods: RestorePods,
  { confirm, look, redis }: { readonly confirm: ConfirmReached; readonly look: RecoveredLook; readonly redis: RedisChoice },
): Step<RestoreStart, RestoreStart & StateBeforeGive & RecoverGive, z.infer<typeof promoteGives>, z.infer<typeof promoteGives>> {
  return {
    id: "promote",
    title: "Promote, and make the restored data current",
    describe: () => ({
      touches: ["the link `current` on the data volume; what it pointed to is kept"],
      bytes: 0,
      seconds: 15,
      undo: "the link is switched back",
    }),
    gives: promoteGives,
    // Asked before the journal says that promoting began: who goes on after an interruption has said yes already.
    before: {
      schema: promoteGives,
      gather: async (start, { signal }) => {
        const { id, reached, releases, stateBefore } = start;
        const recovered = await pods.examine(id, look.depth, signal);
        const checks = withSkips(
          judgeRecovered(recovered, {
            ...{ before: stateBefore, releases, depth: look.depth },
            ...{ redis, lastCommit: reached.lastCommit },
          }),
          look,
        );
        refuseFailed(checks);
        await confirm(start, { reached, checks }, signal);
        return { checks };
      },
    },
    run: async (start, context, { checks }) => {
      await promoted(pods, start, context);
      await gone(pods, start.id, context);
      return { checks };
    },
    undo: async ({ id }, _done, context) => {
      await gone(pods, id, context);
      await runToEnd(pods, `${id}-undo`, ["undo-restore", id], context);
    },
  };
}

function withSkips(checks: readonly RecoveredCheck[], { skips }: RecoveredLook): z.infer<typeof checksSchema> {
  return checks.map((check) => {
    const reason = skips.get(check.id);
    return check.verdict === "fail" && reason !== undefined ? { ...check, skipped: reason } : { ...check };
  });
}

function refuseFailed(checks: z.infer<typeof checksSchema>): void {
  const failed = checks.filter(({ verdict, skipped }) => verdict === "fail" && skipped === undefined);
  if (failed.length === 0) return;
  throw new Problem("RESTORE_CHECK_FAILED", {
    what: failed.map(({ id, seen }) => `${id}: ${seen}`).join(". "),
    data: { failed: failed.map((check) => ({ ...check })) },
  });
}
