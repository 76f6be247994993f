import { z } from "zod";
import { type CheckVerdict, overallVerdict, type SmokeCheck, type SmokePlan, type SmokeReport } from "../../domain/smoke/check.ts";
import { counted } from "../../domain/units.ts";
import type { Presenter } from "./presenter.ts";
import { profileText } from "./profile.ts";
import { fold, type Style, table, tableWidth } from "./style.ts";

const subjectShape = {
  release: z.string(),
  namespace: z.string(),
  version: z.string(),
  /** trial is for evaluation only; absent when Helm's record may not be read. */
  profile: z.string().optional(),
};

const schema = z.strictObject({
  apiVersion: z.literal("migratectl/v1"),
  kind: z.literal("SmokeReport"),
  ...subjectShape,
  startedAt: z.string(),
  seconds: z.number(),
  verdict: z.enum(["pass", "warn", "fail"]),
  checks: z.array(
    z.strictObject({
      id: z.string(),
      title: z.string(),
      asked: z.string(),
      answered: z.string(),
      milliseconds: z.number(),
      verdict: z.enum(["pass", "warn", "fail", "skipped"]),
      reason: z.string().optional(),
      /** What to do about it, where there is a command for it. */
      fix: z.string().optional(),
    }),
  ),
});

const planSchema = z.strictObject({
  apiVersion: z.literal("migratectl/v1"),
  kind: z.literal("SmokePlan"),
  ...subjectShape,
  checks: z.array(
    z.strictObject({
      id: z.string(),
      title: z.string(),
      asked: z.string(),
      /** What stays behind in the platform. */
      leaves: z.string().optional(),
    }),
  ),
});

/** What using the platform once showed, check by check. */
export const smokePresenter: Presenter<SmokeReport> = {
  name: "smoke",
  schema,
  json: (report) => ({
    apiVersion: "migratectl/v1",
    kind: "SmokeReport",
    ...report,
    startedAt: report.startedAt.toISOString(),
    verdict: overallVerdict(report.checks),
  }),
  text(report, style) {
    const reasons = report.checks.filter((check) => check.verdict === "fail" || check.verdict === "warn");
    const reason = ({ title, reason: why = "", fix }: SmokeCheck) =>
      [...fold(`${title}: ${why}`, style.columns - indent), ...(fix === undefined ? [] : [`fix  ${fix}`])].join(`\n${blank}`);
    return [
      heading(report, style),
      checksText(report.checks, style),
      ...(reasons.length === 0 ? [] : [reasons.map((check) => `${mark(check.verdict, style)}  ${reason(check)}`).join("\n")]),
      total(report, style),
    ].join("\n\n");
  },
  exit: (report) => (overallVerdict(report.checks) === "fail" ? "attention" : "ok"),
};

/** What the smoke test would ask, and what it would leave behind. */
export const smokePlanPresenter: Presenter<SmokePlan> = {
  name: "smoke-plan",
  schema: planSchema,
  json: (plan) => ({ apiVersion: "migratectl/v1", kind: "SmokePlan", ...plan }),
  text: (plan, style) =>
    [
      heading(plan, style),
      "Would ask:",
      plan.checks
        .map(({ title, asked, leaves }) => `${title}\n${details([asked, ...(leaves === undefined ? [] : [`leaves ${leaves}`])], style)}`)
        .join("\n"),
      `${counted(plan.checks.length, "check")}. Nothing was asked of the platform (--dry-run).`,
    ].join("\n\n"),
};

/** Columns before a check's title. */
const indent = 6;
const blank = " ".repeat(indent);

function heading({ release, version, namespace, profile }: SmokePlan | SmokeReport, style: Style): string {
  const size = profile === undefined ? "" : `\n${profileText(profile, style)}`;
  return `${style.bold(`${release} ${version}`)} in namespace ${namespace}${size}`;
}

/** One table where it fits; else two lines and more for each check, none wider than the terminal. */
function checksText(checks: readonly SmokeCheck[], style: Style): string {
  const answered = (check: SmokeCheck) => check.answered || (check.reason ?? "");
  const rows = checks.map((check) => [mark(check.verdict, style), check.title, style.dim(check.asked), time(check), answered(check)]);
  const whole = [["", "CHECK", "ASKED", "TIME", "ANSWERED"].map(style.dim), ...rows];
  if (tableWidth(whole) <= style.columns) return table(whole);
  const heads = table(checks.map((check) => [mark(check.verdict, style), check.title, time(check)])).split("\n");
  return checks
    .map((check, index) =>
      [heads[index], details([check.asked], style), ...fold(answered(check), style.columns - indent).map(indented)].join("\n"),
    )
    .join("\n");
}

function details(lines: readonly string[], style: Style): string {
  return lines
    .flatMap((line) => fold(line, style.columns - indent))
    .map((line) => style.dim(indented(line)))
    .join("\n");
}

function indented(line: string): string {
  return `${blank}${line}`;
}

function total({ checks, seconds }: SmokeReport, style: Style): string {
  const count = (verdict: CheckVerdict) => checks.filter((check) => check.verdict === verdict).length;
  const failed = count("fail");
  const parts = [
    `${count("pass")} passed`,
    ...(count("warn") > 0 ? [style.yellow(`${count("warn")} to look at`)] : []),
    ...(failed > 0 ? [style.red(`${failed} failed`)] : []),
    ...(count("skipped") > 0 ? [`${count("skipped")} skipped`] : []),
  ];
  return `${parts.join(", ")} in ${seconds.toFixed(1)} s`;
}

function time({ verdict, milliseconds }: SmokeCheck): string {
  if (verdict === "skipped") return "-";
  return milliseconds < 10_000 ? `${Math.round(milliseconds)} ms` : `${(milliseconds / 1000).toFixed(1)} s`;
}

function mark(verdict: CheckVerdict, style: Style): string {
  const paint = { pass: style.green, warn: style.yellow, fail: style.red, skipped: style.dim } as const;
  return paint[verdict](verdict === "skipped" ? "skip" : verdict);
}
