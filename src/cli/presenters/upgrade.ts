import { z } from "zod";
import { answersVersion, profileSchema } from "../../domain/answers/answers.ts";
import type { MigratedAnswers } from "../../domain/answers/migrations/migration.ts";
import { assertNever } from "../../domain/assert-never.ts";
import { findingSchema } from "../../domain/finding.ts";
import { planSchema } from "../../domain/plan/plan.ts";
import { counted } from "../../domain/units.ts";
import type { UpgradeResult } from "../../workflow/upgrade/upgrade.ts";
import { concernsText } from "./finding.ts";
import { planText } from "./plan.ts";
import type { Presenter } from "./presenter.ts";
import { profilePhrase } from "./profile.ts";
import type { Style } from "./style.ts";

/** An upgrade's result, and the size of the platform. */
export interface UpgradeReport extends UpgradeResult {
  readonly profile: z.infer<typeof profileSchema>;
  /** Versions that were passed, the one that was asked for last; one where no other had to come first. */
  readonly stops: readonly string[];
  /** What became of answers of an earlier version; absent where they were of this one. */
  readonly migrated: MigratedAnswers | undefined;
}

const schema = z.strictObject({
  apiVersion: z.literal("migratectl/v1"),
  kind: z.literal("UpgradeResult"),
  /** planned: --dry-run; unchanged: exactly this was carried out last, or nothing was left to finish; finished: what had been put off has run. */
  outcome: z.enum(["planned", "unchanged", "upgraded", "finished"]),
  /** Version of before. */
  from: z.string(),
  /** Versions that were passed, the one that was asked for last; a dry run plans the first of them. */
  stops: z.array(z.string()),
  /** trial is for evaluation only. */
  profile: profileSchema,
  plan: planSchema,
  findings: z.array(findingSchema),
  /** Ids of the migrations that wait for `upgrade --finish`. */
  putOff: z.array(z.string()),
  /** The moment before the migrations by its name in the WAL; null where none was needed. */
  restorePoint: z.strictObject({ name: z.string(), timeline: z.int(), lsn: z.string() }).nullable(),
  /** What became of answers of an earlier version, which the upgrade keeps as those of this one; null where they were that already. */
  migratedAnswers: z
    .strictObject({
      from: z.string(),
      moved: z.array(z.strictObject({ from: z.string(), to: z.string() })),
      removed: z.array(z.strictObject({ answer: z.string(), why: z.string() })),
      /** New questions that nobody had answered; standard: what holds then. */
      added: z.array(z.strictObject({ answer: z.string(), standard: z.string().optional() })),
    })
    .nullable(),
  /** Actions that an earlier, interrupted run had done. */
  resumed: z.int(),
  /** Folder with plan, journal and logs; null when nothing was run. */
  runFolder: z.string().nullable(),
});

/** How an upgrade ended well. */
export const upgradePresenter: Presenter<UpgradeReport> = {
  name: "upgrade-result",
  schema,
  json: ({ kind, from, stops, profile, plan, findings, putOff, restorePoint, migrated, resumed, runFolder }) => ({
    apiVersion: "migratectl/v1",
    kind: "UpgradeResult",
    outcome: kind,
    from,
    stops: [...stops],
    profile,
    plan,
    findings,
    putOff: [...putOff],
    restorePoint: restorePoint ?? null,
    migratedAnswers: migrated ?? null,
    resumed,
    runFolder: kind === "upgraded" || kind === "finished" ? runFolder : null,
  }),
  text,
};

function text(result: UpgradeReport, style: Style): string {
  const { kind, from, plan, putOff, restorePoint } = result;
  const { name, namespace, version } = plan.release;
  const size = profilePhrase(result.profile, style);
  const waiting =
    putOff.length === 0
      ? []
      : [
          `  put off     ${counted(putOff.length, "migration")} (${putOff.join(", ")}) that ${from} cannot live with`,
          `              once ${version} has proved itself: migratectl upgrade --finish with the same bundle`,
        ];
  switch (kind) {
    case "planned":
      return [
        concernsText(result.findings, style),
        planText(plan, style, result.profile),
        [
          `Would bring ${name} from ${from} to ${result.stops.length < 2 ? version : result.stops.join(", then to ")}.`,
          ...waiting,
          "Nothing was changed (--dry-run).",
        ].join("\n"),
      ]
        .filter((part) => part !== "")
        .join("\n\n");
    case "unchanged":
      return `${style.green("unchanged")}: ${name} ${version} in namespace ${namespace}${size} is as asked; nothing was done.`;
    case "upgraded":
    case "finished": {
      const resumed = result.resumed === 0 ? "" : ` (${counted(result.resumed, "action")} of an interrupted run taken over)`;
      const what = kind === "upgraded" ? `${name} from ${from} to ${version}` : `the upgrade of ${name} to ${version}`;
      return [
        `${style.green(kind)}: ${what} in namespace ${namespace}${size}${resumed}`,
        ...waiting,
        ...(restorePoint === undefined
          ? []
          : [`  before it   ${restorePoint.name}: migratectl backup restore --to-name ${restorePoint.name}`]),
        ...(result.migrated === undefined ? [] : [`  answers     were of ${result.migrated.from}, are kept as ${answersVersion}`]),
        ...(kind === "upgraded" ? [`  go back     migratectl rollback -n ${namespace}`] : []),
        `  what ran    ${result.runFolder}`,
      ].join("\n");
    }
    default:
      return assertNever(kind);
  }
}
