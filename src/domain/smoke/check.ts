/** How one check of the smoke test ended; `skipped` always carries a reason. */
export type CheckVerdict = "pass" | "warn" | "fail" | "skipped";

/** What a check saw. */
export interface Judgement {
  readonly verdict: CheckVerdict;
  /** What was answered, short. */
  readonly answered: string;
  /** Why it is not a pass. */
  readonly reason?: string;
  /** What to do about it, where there is a command for it. */
  readonly fix?: string;
}

/** One check of the smoke test, done. */
export interface SmokeCheck extends Judgement {
  readonly id: string;
  readonly title: string;
  /** What was asked, of whom. */
  readonly asked: string;
  readonly milliseconds: number;
}

/** The smoke test of one release. */
export interface SmokeReport {
  readonly release: string;
  readonly namespace: string;
  readonly version: string;
  /** Sizing profile, when Helm's record may be read and names one. */
  readonly profile?: string;
  readonly startedAt: Date;
  readonly seconds: number;
  readonly checks: readonly SmokeCheck[];
}

/** What the smoke test of one release would ask. */
export interface SmokePlan extends Pick<SmokeReport, "release" | "namespace" | "version" | "profile"> {
  /** `leaves` names what stays behind in the platform when the check has run. */
  readonly checks: readonly (Pick<SmokeCheck, "id" | "title" | "asked"> & { readonly leaves?: string })[];
}

/** The verdict of the whole: skipped checks do not count. */
export function overallVerdict(checks: readonly SmokeCheck[]): "pass" | "warn" | "fail" {
  if (checks.some((check) => check.verdict === "fail")) return "fail";
  return checks.some((check) => check.verdict === "warn") ? "warn" : "pass";
}

/** A pass. */
export function pass(answered: string): Judgement {
  return { verdict: "pass", answered };
}

/** A failure, why, and what to do about it. */
export function fail(answered: string, reason: string, fix?: string): Judgement {
  return { verdict: "fail", answered, reason, ...(fix === undefined ? {} : { fix }) };
}

/** Something that works and should be looked at all the same. */
export function warn(answered: string, reason: string): Judgement {
  return { verdict: "warn", answered, reason };
}

/** Not asked, and why. */
export function skipped(reason: string): Judgement {
  return { verdict: "skipped", answered: "", reason };
}
