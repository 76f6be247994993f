import { Problem } from "../../domain/errors/problem.ts";
import type { Finding } from "../../domain/finding.ts";

/** The error for a preflight with failing checks: each with what was seen and how to fix it. */
export function preflightFailed(findings: readonly Finding[]): Problem {
  const failing = findings.filter(({ verdict, skipped }) => verdict === "fail" && skipped === undefined);
  const lines = failing.map(
    ({ check, seen, wanted, fix }) => `${check}: ${seen} (wanted: ${wanted}).${fix === undefined ? "" : ` ${fix}`}`,
  );
  return new Problem("PREFLIGHT_FAILED", {
    what: [`${failing.length} of ${findings.length} checks failed`, ...lines].join("\n       "),
    data: { findings },
  });
}
