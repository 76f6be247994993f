import { z } from "zod";
import { planSchema } from "../../domain/plan/plan.ts";
import { formatSeconds } from "../../domain/units.ts";
import type { UndoResult } from "../../workflow/restore/undo-restore.ts";
import { planText } from "./plan.ts";
import type { Presenter } from "./presenter.ts";

const schema = z.strictObject({
  apiVersion: z.literal("migratectl/v1"),
  kind: z.literal("UndoResult"),
  outcome: z.enum(["planned", "undone"]),
  /** The restore that was undone. */
  restore: z.string(),
  plan: planSchema,
  seconds: z.number(),
});

/** How undoing a restore ended well. */
export const undoPresenter: Presenter<UndoResult> = {
  name: "undo-result",
  schema,
  json: ({ kind, id, plan, seconds }) => ({ apiVersion: "migratectl/v1", kind: "UndoResult", outcome: kind, restore: id, plan, seconds }),
  text: ({ kind, id, plan, seconds }, style) =>
    kind === "planned"
      ? [planText(plan, style), "", `Would undo the restore ${id}.`, "Nothing was changed (--dry-run)."].join("\n")
      : `${style.green("undone")}: the restore ${id}; ${plan.release.name} has its data of before again, after ${formatSeconds(seconds)}`,
};
