import { z } from "zod";
import { planSchema } from "../../domain/plan/plan.ts";
import { redisOutcomeSchema, redisText } from "../../domain/recovery/redis-snapshot.ts";
import { formatSeconds } from "../../domain/units.ts";
import type { UndoResult } from "../../workflow/restore/undo-restore.ts";
import { actionTimesSchema, planText } from "./plan.ts";
import type { Presenter } from "./presenter.ts";
import { profilePhrase, type Sized } from "./profile.ts";

const schema = z.strictObject({
  apiVersion: z.literal("migratectl/v1"),
  kind: z.literal("UndoResult"),
  outcome: z.enum(["planned", "undone"]),
  /** The restore that was undone. */
  restore: z.string(),
  /** Of the platform that it is about; trial is for evaluation only. Absent when Helm's record may not be read. */
  profile: z.string().optional(),
  plan: planSchema,
  redis: redisOutcomeSchema.optional(),
  actions: actionTimesSchema,
  seconds: z.number(),
});

/** How undoing a restore ended well. */
export const undoPresenter: Presenter<Sized<UndoResult>> = {
  name: "undo-result",
  schema,
  json: ({ kind, id, plan, redis, actions, seconds, profile }) => ({
    apiVersion: "migratectl/v1",
    kind: "UndoResult",
    outcome: kind,
    restore: id,
    ...(profile === undefined ? {} : { profile }),
    plan,
    ...(redis === undefined ? {} : { redis }),
    actions: [...actions],
    seconds,
  }),
  text: ({ kind, id, plan, redis, seconds, profile }, style) =>
    kind === "planned"
      ? [planText(plan, style, profile), "", `Would undo the restore ${id}.`, "Nothing was changed (--dry-run)."].join("\n")
      : [
          `${style.green("undone")}: the restore ${id}; ${plan.release.name} has its data of before again, after ${formatSeconds(seconds)}${profilePhrase(profile, style)}`,
          ...(redis === undefined ? [] : [`  Redis  ${redisText(redis)}`]),
        ].join("\n"),
};
