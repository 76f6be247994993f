import { z } from "zod";
import { assertNever } from "../../domain/assert-never.ts";
import { planSchema } from "../../domain/plan/plan.ts";
import type { UninstallResult } from "../../workflow/uninstall/uninstall.ts";
import { planText } from "./plan.ts";
import type { Presenter } from "./presenter.ts";
import { profilePhrase } from "./profile.ts";
import type { Style } from "./style.ts";

/** An uninstall's result, and the size of what was there. */
export interface UninstallReport extends UninstallResult {
  /** Absent when Helm's record may not be read, or was gone already. */
  readonly profile: string | undefined;
}

const schema = z.strictObject({
  apiVersion: z.literal("migratectl/v1"),
  kind: z.literal("UninstallResult"),
  /** planned: --dry-run; nothing: there was no such release. */
  outcome: z.enum(["planned", "nothing", "uninstalled"]),
  release: z.strictObject({ name: z.string(), namespace: z.string() }),
  /** trial is for evaluation only; absent when Helm's record may not be read, or was gone already. */
  profile: z.string().optional(),
  plan: planSchema,
  dataDeleted: z.boolean(),
  /** Claims and Secrets that are still there. */
  kept: z.array(z.string()),
});

/** How an uninstall ended, and what it left. */
export const uninstallPresenter: Presenter<UninstallReport> = {
  name: "uninstall-result",
  schema,
  json: ({ kind, name, namespace, profile, plan, deletedData, kept }) => ({
    apiVersion: "migratectl/v1",
    kind: "UninstallResult",
    outcome: kind,
    release: { name, namespace },
    ...(profile === undefined ? {} : { profile }),
    plan,
    dataDeleted: kind === "uninstalled" && deletedData,
    kept: [...kept],
  }),
  text,
};

function text(result: UninstallReport, style: Style): string {
  const { name, namespace } = result;
  switch (result.kind) {
    case "planned":
      return [
        planText(result.plan, style, result.profile),
        "",
        ...keptText(result, "Would be kept"),
        "Nothing was changed (--dry-run).",
      ].join("\n");
    case "nothing":
      return [`There is no release ${name} in namespace ${namespace}; nothing was done.`, ...keptText(result, "Still there")].join("\n");
    case "uninstalled":
      return [
        `${style.green("uninstalled")}: ${name} in namespace ${namespace}${profilePhrase(result.profile, style)}${result.deletedData ? ", with all its data" : ""}`,
        ...keptText(result, "Kept"),
      ].join("\n");
    default:
      return assertNever(result.kind);
  }
}

function keptText({ kept, name, namespace }: UninstallResult, word: string): readonly string[] {
  if (kept.length === 0) return [];
  return [
    `${word}: ${kept.join(", ")}`,
    `  remove it  migratectl uninstall -n ${namespace} --delete-data --yes --confirm ${name}`,
    `  use it     migratectl install -n ${namespace} …`,
  ];
}
