import { z } from "zod";
import { remedyText } from "../../domain/doctor/remedies.ts";
import { type Finding, findingSchema, overall, type Verdict, verdictSchema } from "../../domain/finding.ts";
import { counted } from "../../domain/units.ts";
import type { DoctorReport } from "../../workflow/doctor/doctor.ts";
import type { FixedReport } from "../../workflow/doctor/fix.ts";
import { verdictMark } from "./finding.ts";
import type { Presenter } from "./presenter.ts";
import { profilePhrase } from "./profile.ts";
import { type Style, table } from "./style.ts";

const schema = z.strictObject({
  apiVersion: z.literal("migratectl/v1"),
  kind: z.literal("DoctorReport"),
  at: z.string(),
  release: z.string(),
  namespace: z.string(),
  /** Absent when Helm's record may not be read or there is none. */
  version: z.string().optional(),
  profile: z.string().optional(),
  /** The worst of all findings; only `fail` makes the exit status 5. */
  verdict: verdictSchema,
  counts: z.strictObject({ pass: z.int(), warn: z.int(), fail: z.int(), unknown: z.int() }),
  findings: z.array(findingSchema.omit({ skipped: true }).strict()),
  /** What is safe to mend: offered for `--fix`, planned by its dry run, or done, in which case the rest is as it was afterwards. */
  fix: z.strictObject({ state: z.enum(["offered", "planned", "done"]), texts: z.array(z.string()) }),
});

/** How an installed release is: a table to scan, then why and what to do for what is not a pass, one line at the end. */
export const doctorPresenter: Presenter<DoctorReport & Partial<Pick<FixedReport, "fix">>> = {
  name: "doctor-report",
  schema,
  json: ({ at, release, namespace, version, profile, findings, ...report }) => ({
    apiVersion: "migratectl/v1",
    kind: "DoctorReport",
    at: at.toISOString(),
    release,
    namespace,
    ...(version === undefined ? {} : { version }),
    ...(profile === undefined ? {} : { profile }),
    verdict: overall(findings),
    counts: counts(findings),
    findings,
    fix: fixOf(report),
  }),
  text: (report, style) =>
    [heading(report, style), overview(report, style), ...details(report, style), ...mended(report, style), summary(report, style)].join(
      "\n\n",
    ),
  exit: ({ findings }) => (overall(findings) === "fail" ? "attention" : "ok"),
};

function heading({ release, namespace, version, profile }: DoctorReport, style: Style): string {
  const rows = [
    ["release", `${release} in namespace ${namespace}`],
    ["version", `${version ?? "unknown"}${profilePhrase(profile, style)}`],
  ];
  return table(rows.map(([name = "", value = ""]) => [style.dim(name), value]));
}

function overview({ findings }: DoctorReport, style: Style): string {
  return table(findings.map((finding) => [verdictMark(finding.verdict, style), style.bold(finding.title), finding.seen]));
}

/** Why and what to do, once for each finding that is not a pass, the worst first. */
function details({ findings }: DoctorReport, style: Style): readonly string[] {
  const order: readonly Verdict[] = ["fail", "warn", "unknown"];
  return order.flatMap((verdict) => findings.filter((finding) => finding.verdict === verdict)).map((finding) => detail(finding, style));
}

function detail({ title, verdict, seen, wanted, why, fix }: Finding, style: Style): string {
  const rows = [["wanted", wanted], ["why", why], ...(fix === undefined ? [] : [["fix", fix]])];
  return [
    `${verdictMark(verdict, style)}  ${style.bold(title)}: ${seen}`,
    ...rows.map(([name = "", text = ""]) => `   ${style.dim(name.padEnd(6))}  ${text}`),
  ].join("\n");
}

type Fixing = Pick<DoctorReport, "remedies"> & Partial<Pick<FixedReport, "fix">>;

function fixOf({ remedies, fix }: Fixing): z.infer<typeof schema>["fix"] {
  return fix === undefined ? { state: "offered", texts: remedies.map(remedyText) } : { state: fix.state, texts: [...fix.texts] };
}

const headings = { offered: "migratectl doctor --fix would", planned: "would", done: "done" } as const;

function mended(report: Fixing, style: Style): readonly string[] {
  const { state, texts } = fixOf(report);
  if (texts.length === 0) return report.fix === undefined ? [] : ["nothing that is safe to mend"];
  return [[style.bold(`${headings[state]}:`), ...texts.map((text) => `   ${text}`)].join("\n")];
}

function counts(findings: readonly Finding[]): Record<Verdict, number> {
  const of = (verdict: Verdict) => findings.filter((finding) => finding.verdict === verdict).length;
  return { pass: of("pass"), warn: of("warn"), fail: of("fail"), unknown: of("unknown") };
}

function summary({ findings }: DoctorReport, style: Style): string {
  const { pass, warn, fail, unknown } = counts(findings);
  const parts = [
    ...(fail > 0 ? [style.red(`${fail} failed`)] : []),
    ...(warn > 0 ? [style.yellow(counted(warn, "warning"))] : []),
    ...(unknown > 0 ? [style.cyan(`${unknown} unknown`)] : []),
    style.green(`${pass} passed`),
  ];
  return `${style.bold(outcome(overall(findings), style))}: ${parts.join(", ")}`;
}

function outcome(verdict: Verdict, style: Style): string {
  if (verdict === "fail") return style.red("needs attention");
  if (verdict === "unknown") return "nothing failed, but not all is known";
  return style.green(verdict === "warn" ? "works, with warnings" : "healthy");
}
