import { z } from "zod";
import { profileSchema } from "../../domain/answers/answers.ts";
import type { Facts } from "../../domain/facts/facts.ts";
import { type Finding, findingSchema, overall, type Verdict, verdictSchema } from "../../domain/finding.ts";
import { counted } from "../../domain/units.ts";
import type { PreflightResult } from "../../workflow/preflight/preflight.ts";
import { findingsText } from "./finding.ts";
import type { Presenter } from "./presenter.ts";
import { profileText } from "./profile.ts";
import { type Style, table } from "./style.ts";

/** A preflight's result, and what it was about. */
export interface PreflightReport extends PreflightResult {
  readonly profile: z.infer<typeof profileSchema>;
  /** Version of the bundle's release; absent without a bundle. */
  readonly release: string | undefined;
}

const schema = z.strictObject({
  apiVersion: z.literal("migratectl/v1"),
  kind: z.literal("PreflightReport"),
  /** When the facts were read; RFC 3339, UTC. */
  moment: z.string(),
  verdict: verdictSchema,
  cluster: z.strictObject({ context: z.string(), server: z.string(), version: z.string(), uid: z.string().optional() }),
  namespace: z.string(),
  profile: profileSchema,
  release: z.string().optional(),
  counts: z.strictObject({ pass: z.int(), warn: z.int(), fail: z.int(), unknown: z.int(), skipped: z.int() }),
  findings: z.array(findingSchema),
});

/** The report of a preflight: a table to scan, details under what is not a pass, one line at the end. */
export const preflightPresenter: Presenter<PreflightReport> = {
  name: "preflight-report",
  schema,
  json: ({ facts, findings, profile, release }) => ({
    apiVersion: "migratectl/v1",
    kind: "PreflightReport",
    moment: facts.moment,
    verdict: overall(findings),
    cluster: {
      context: facts.cluster.context,
      server: facts.cluster.server,
      version: facts.cluster.version,
      ...(facts.cluster.uid.kind === "known" ? { uid: facts.cluster.uid.value } : {}),
    },
    namespace: facts.namespaceName,
    profile,
    ...(release === undefined ? {} : { release }),
    counts: counts(findings),
    findings,
  }),
  text: (report, style) => [heading(report, style), findingsText(report.findings, style), "", summary(report, style)].join("\n"),
  exit: ({ findings }) => (overall(findings) === "fail" ? "preflight" : "ok"),
};

function heading({ facts, profile, release }: PreflightReport, style: Style): string {
  const rows = [
    ["cluster", `${facts.cluster.context} (${facts.cluster.server}), Kubernetes ${facts.cluster.version}`],
    ["namespace", facts.namespaceName],
    ["for", `${profileText(profile, style)}${release === undefined ? "" : `, release ${release}`}`],
  ];
  return `${table(rows.map(([name = "", value = ""]) => [style.dim(name), value]))}\n`;
}

function counts(findings: readonly Finding[]): Record<Verdict | "skipped", number> {
  const of = (verdict: Verdict) => findings.filter((finding) => finding.verdict === verdict && finding.skipped === undefined).length;
  return {
    pass: of("pass"),
    warn: of("warn"),
    fail: of("fail"),
    unknown: of("unknown"),
    skipped: findings.filter(({ skipped }) => skipped !== undefined).length,
  };
}

/** Rights that would turn unknowns into answers, once each. */
function rightsToAsk(facts: Facts): readonly string[] {
  const readings: readonly unknown[] = [...Object.values(facts), ...Object.values(facts.cluster)];
  return [
    ...new Set(
      readings
        .map((value) => deniedSchema.safeParse(value))
        .flatMap(({ data }) => (data === undefined ? [] : [`${data.verb} ${data.resource}`])),
    ),
  ];
}

const deniedSchema = z.object({ kind: z.literal("denied"), verb: z.string(), resource: z.string() });

function summary({ facts, findings }: PreflightReport, style: Style): string {
  const { pass, warn, fail, unknown, skipped } = counts(findings);
  const parts = [
    ...(fail > 0 ? [style.red(`${fail} failed`)] : []),
    ...(warn > 0 ? [style.yellow(`${counted(warn, "warning")}`)] : []),
    ...(unknown > 0 ? [style.cyan(`${unknown} unknown`)] : []),
    style.green(`${pass} passed`),
    ...(skipped > 0 ? [style.dim(`${skipped} skipped`)] : []),
  ];
  const outcome = fail > 0 ? style.red("not ready") : unknown > 0 ? "nothing failed, but not all is known" : style.green("ready");
  const asked = rightsToAsk(facts);
  const failed = new Set(
    findings.filter(({ verdict, skipped: reason }) => verdict === "fail" && reason === undefined).map(({ check }) => check),
  );
  return [
    ...(asked.length === 0 ? [] : [`${style.dim("unread")}   these rights would tell more: ${asked.join("; ")}`]),
    ...(failed.size === 0
      ? []
      : [`${style.dim("skip")}     to go on all the same: ${[...failed].map((id) => `--skip-check "${id}=REASON"`).join(" ")}`]),
    `${style.bold(outcome)}: ${parts.join(", ")}`,
  ].join("\n");
}
