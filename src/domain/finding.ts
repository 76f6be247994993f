import { z } from "zod";

/** The four verdicts of a check; `unknown` is for what could not be read, and never counts as a pass. */
export const verdictSchema = z.enum(["pass", "warn", "fail", "unknown"]);

/** Verdict of one finding. */
export type Verdict = z.infer<typeof verdictSchema>;

/** What one check found: verdict, what was seen, what was wanted, and how to fix it. */
export const findingSchema = z.object({
  /** Id of the check, kebab-case; of a preflight check what --skip-check takes. */
  check: z.string(),
  title: z.string(),
  verdict: verdictSchema,
  seen: z.string(),
  wanted: z.string(),
  /** Why it matters, one sentence. */
  why: z.string(),
  /** What to do; absent for a pass. */
  fix: z.string().optional(),
  /** Reason given with --skip-check; a skipped finding no longer fails the preflight but stays in the report and the record. */
  skipped: z.string().optional(),
});

/** One finding of a check. */
export type Finding = z.infer<typeof findingSchema>;

/** The verdict of a whole report: fail if any unskipped finding fails, else warn, unknown or pass, in that order. */
export function overall(findings: readonly Finding[]): Verdict {
  const counted = findings.filter((finding) => finding.skipped === undefined);
  const order = ["fail", "warn", "unknown"] as const;
  return order.find((verdict) => counted.some((finding) => finding.verdict === verdict)) ?? "pass";
}
