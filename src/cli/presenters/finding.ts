import { assertNever } from "../../domain/assert-never.ts";
import type { Finding, Verdict } from "../../domain/finding.ts";
import type { Style } from "./style.ts";

/** Findings one under the other: one line for what is fine; what was wanted, why it matters and how to fix it for what is not. */
export function findingsText(findings: readonly Finding[], style: Style): string {
  const width = Math.max(0, ...findings.map(({ title }) => title.length));
  return findings.map((finding) => findingText(finding, style, width)).join("\n");
}

/** The findings of a preflight that a person should know before saying yes: everything but what passed; "" when there is nothing. */
export function concernsText(findings: readonly Finding[], style: Style): string {
  const concerns = findings.filter(({ verdict }) => verdict !== "pass");
  return concerns.length === 0
    ? ""
    : `${style.bold("Preflight")} found nothing that stops this; worth knowing:\n${findingsText(concerns, style)}`;
}

function findingText(finding: Finding, style: Style, width: number): string {
  const { title, verdict, seen, skipped, fix } = finding;
  const head = `${symbol(finding, style)}  ${style.bold(title.padEnd(width))}  ${seen}`;
  if (verdict === "pass") return head;
  const details = [
    ["wanted", finding.wanted],
    ["why", verdict === "fail" ? finding.why : undefined],
    ["fix", fix],
    ["skipped", skipped],
  ] as const;
  const lines = details.flatMap(([name, text]) => (text === undefined ? [] : [`     ${style.dim(name.padEnd(7))}  ${text}`]));
  return [head, ...lines].join("\n");
}

function symbol({ verdict, skipped }: Finding, style: Style): string {
  return verdict === "fail" && skipped !== undefined ? style.dim("✗") : verdictMark(verdict, style);
}

/** The one character by which a verdict is known. */
export function verdictMark(verdict: Verdict, style: Style): string {
  switch (verdict) {
    case "pass":
      return style.green("✓");
    case "warn":
      return style.yellow("!");
    case "fail":
      return style.red("✗");
    case "unknown":
      return style.cyan("?");
    default:
      return assertNever(verdict);
  }
}
