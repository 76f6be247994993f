import type { Finding } from "../../domain/finding.ts";

/** The check that finds a release which Helm considers locked. */
const lockedRelease = "helm-release";

/**
 * The findings of a run that goes on where an earlier one was cut off in Helm's work: a locked release is then our own leftover, and
 * the action `apply` repairs it, so that it is told and stops nothing.
 */
export function repairable(findings: readonly Finding[]): readonly Finding[] {
  return findings.map((finding) => {
    if (finding.check !== lockedRelease || finding.verdict !== "fail") return finding;
    return {
      ...finding,
      verdict: "warn",
      fix: "Nothing: it was left by the interrupted run, and this one repairs it before it goes on.",
    };
  });
}
