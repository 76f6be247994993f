import { z } from "zod";
import { planSchema } from "../../domain/plan/plan.ts";
import type { RollbackResult } from "../../workflow/upgrade/rollback.ts";
import { planText } from "./plan.ts";
import type { Presenter } from "./presenter.ts";
import { profilePhrase, type Sized } from "./profile.ts";

const revisionSchema = z.strictObject({ revision: z.int(), version: z.string() });

const schema = z.strictObject({
  apiVersion: z.literal("migratectl/v1"),
  kind: z.literal("RollbackResult"),
  outcome: z.enum(["planned", "rolled-back"]),
  /** Helm's revision that ran, and the one that was deployed again. */
  from: revisionSchema,
  to: revisionSchema,
  /** Of the platform that it is about; trial is for evaluation only. Absent when Helm's record may not be read. */
  profile: z.string().optional(),
  plan: planSchema,
  /** Actions that an earlier, interrupted run had done. */
  resumed: z.int(),
});

/** How going back to an earlier release ended well. */
export const rollbackPresenter: Presenter<Sized<RollbackResult>> = {
  name: "rollback-result",
  schema,
  json: ({ kind, from, to, profile, plan, resumed }) => ({
    apiVersion: "migratectl/v1",
    kind: "RollbackResult",
    outcome: kind,
    from: { revision: from.revision, version: from.version },
    to: { revision: to.revision, version: to.version },
    ...(profile === undefined ? {} : { profile }),
    plan,
    resumed,
  }),
  text: ({ kind, from, to, plan, profile }, style) =>
    kind === "planned"
      ? [
          planText(plan, style, profile),
          "",
          `Would go back from ${from.version} to ${to.version}.`,
          "Nothing was changed (--dry-run).",
        ].join("\n")
      : `${style.green("rolled back")}: ${plan.release.name} from ${from.version} to ${to.version}, which has passed its smoke test${profilePhrase(profile, style)}`,
};
