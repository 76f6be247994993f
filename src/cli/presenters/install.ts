import { z } from "zod";
import { profileSchema } from "../../domain/answers/answers.ts";
import { assertNever } from "../../domain/assert-never.ts";
import { findingSchema } from "../../domain/finding.ts";
import { planSchema } from "../../domain/plan/plan.ts";
import { counted } from "../../domain/units.ts";
import type { InstallResult } from "../../workflow/install/install.ts";
import { concernsText } from "./finding.ts";
import { planText } from "./plan.ts";
import type { Presenter } from "./presenter.ts";
import { profilePhrase } from "./profile.ts";
import type { Style } from "./style.ts";

/** An installation's result, and the size that was asked for. */
export interface InstallReport extends InstallResult {
  readonly profile: z.infer<typeof profileSchema>;
}

const schema = z.strictObject({
  apiVersion: z.literal("migratectl/v1"),
  kind: z.literal("InstallResult"),
  /** planned: --dry-run; unchanged: exactly this was installed already. */
  outcome: z.enum(["planned", "unchanged", "installed"]),
  /** trial is for evaluation only. */
  profile: profileSchema,
  plan: planSchema,
  findings: z.array(findingSchema),
  /** Actions that an earlier, interrupted run had done. */
  resumed: z.int(),
  /** Folder with plan, journal and logs; null when nothing was run. */
  runFolder: z.string().nullable(),
});

/** How an installation ended. */
export const installPresenter: Presenter<InstallReport> = {
  name: "install-result",
  schema,
  json: ({ kind, profile, plan, findings, resumed, runFolder }) => ({
    apiVersion: "migratectl/v1",
    kind: "InstallResult",
    outcome: kind,
    profile,
    plan,
    findings,
    resumed,
    runFolder: kind === "installed" ? runFolder : null,
  }),
  text,
};

function text(result: InstallReport, style: Style): string {
  const { name, namespace, version } = result.plan.release;
  const size = profilePhrase(result.profile, style);
  switch (result.kind) {
    case "planned":
      return [concernsText(result.findings, style), planText(result.plan, style, result.profile), "Nothing was changed (--dry-run)."]
        .filter((part) => part !== "")
        .join("\n\n");
    case "unchanged":
      return `${style.green("unchanged")}: ${name} ${version} is installed in namespace ${namespace}${size} exactly as asked; nothing was done.`;
    case "installed": {
      const resumed = result.resumed === 0 ? "" : ` (${counted(result.resumed, "action")} of an interrupted run taken over)`;
      return [
        `${style.green("installed")}: ${name} ${version} in namespace ${namespace}${size}${resumed}`,
        `  look at it  migratectl status -n ${namespace}`,
        `  what ran    ${result.runFolder}`,
        ...(result.encrypted ? [`  keep safe   the key of the backups: migratectl backup key -n ${namespace} --out FILE`] : []),
      ].join("\n");
    }
    default:
      return assertNever(result.kind);
  }
}
