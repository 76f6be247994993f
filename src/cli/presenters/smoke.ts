import { z } from "zod";
import { type CheckVerdict, overallVerdict, type SmokeCheck, type SmokeReport } from "../../domain/smoke/check.ts";
import type { Presenter } from "./presenter.ts";
import { type Style, table } from "./style.ts";

const schema = z.strictObject({
  apiVersion: z.literal("migratectl/v1"),
  kind: z.literal("SmokeReport"),
  release: z.string(),
  namespace: z.string(),
  version: z.string(),
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
    const lines = report.checks.map((check) => [
      mark(check.verdict, style),
      check.title,
      style.dim(check.asked),
      time(check),
      check.answered || style.dim(check.reason ?? ""),
    ]);
    const reasons = report.checks.filter((check) => check.verdict === "fail" || check.verdict === "warn");
    return [
      `${style.bold(`${report.release} ${report.version}`)} in namespace ${report.namespace}`,
      table([["", "CHECK", "ASKED", "TIME", "ANSWERED"].map(style.dim), ...lines]),
      ...(reasons.length === 0
        ? []
        : [reasons.map((check) => `${mark(check.verdict, style)}  ${style.bold(check.title)}: ${check.reason ?? ""}`).join("\n")]),
      total(report, style),
    ].join("\n\n");
  },
  exit: (report) => (overallVerdict(report.checks) === "fail" ? "attention" : "ok"),
};

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
