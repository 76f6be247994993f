import { z } from "zod";
import { planSchema } from "../../domain/plan/plan.ts";
import { recoveredChecks } from "../../domain/recovery/judge-recovered.ts";
import { redisOutcomeSchema, redisText } from "../../domain/recovery/redis-snapshot.ts";
import { formatSeconds } from "../../domain/units.ts";
import { type RestoreResult, textOf } from "../../workflow/restore/restore.ts";
import { checksText } from "./moment.ts";
import { actionTimesSchema, planText } from "./plan.ts";
import type { Presenter } from "./presenter.ts";
import { profilePhrase, type Sized } from "./profile.ts";
import { recoveryTargetJson, recoveryTargetSchema } from "./recovery-target.ts";

const schema = z.strictObject({
  apiVersion: z.literal("migratectl/v1"),
  kind: z.literal("RestoreResult"),
  outcome: z.enum(["planned", "restored"]),
  /** Names the restore, for `backup undo`. */
  restore: z.string(),
  target: recoveryTargetSchema,
  /** Of the platform that it is about; trial is for evaluation only. Absent when Helm's record may not be read. */
  profile: z.string().optional(),
  plan: planSchema,
  /** What was seen of the restored database before it became the one that serves; empty in a dry run. */
  checks: z.array(
    z.strictObject({
      id: z.enum(recoveredChecks),
      verdict: z.enum(["pass", "warn", "fail"]),
      seen: z.string(),
      /** Why a person let it pass although it failed. */
      skipped: z.string().optional(),
    }),
  ),
  redis: redisOutcomeSchema.optional(),
  resumed: z.int(),
  actions: actionTimesSchema,
  /** Seconds during which the platform did not serve. */
  outOfService: z.number().optional(),
  seconds: z.number(),
});

/** How a restore ended well. */
export const restorePresenter: Presenter<Sized<RestoreResult>> = {
  name: "restore-result",
  schema,
  json: ({ kind, id, target, plan, checks, redis, resumed, actions, outOfService, seconds, profile }) => ({
    apiVersion: "migratectl/v1",
    kind: "RestoreResult",
    outcome: kind,
    restore: id,
    target: recoveryTargetJson(target),
    ...(profile === undefined ? {} : { profile }),
    plan,
    checks: checks.map((check) => ({ ...check })),
    ...(redis === undefined ? {} : { redis }),
    resumed,
    actions: [...actions],
    ...(outOfService === undefined ? {} : { outOfService }),
    seconds,
  }),
  text: ({ kind, target, plan, checks, redis, outOfService, seconds, profile }, style) =>
    kind === "planned"
      ? [planText(plan, style, profile), "", `Would restore to ${textOf(target)}.`, "Nothing was changed (--dry-run)."].join("\n")
      : [
          `${style.green("restored")}: ${plan.release.name} to ${textOf(target)}, in ${formatSeconds(seconds)}${profilePhrase(profile, style)}`,
          ...checksText(checks.filter(({ id }) => id !== "redis")),
          ...(redis === undefined ? [] : [`  Redis  ${redisText(redis)}`]),
          ...(outOfService === undefined
            ? []
            : [`  out of service for ${formatSeconds(outOfService)}; the full backup followed while it served`]),
          `  the data of before is kept on the volume: migratectl backup undo brings it back`,
        ].join("\n"),
};
