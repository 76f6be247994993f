import { Problem } from "../../domain/errors/problem.ts";
import { fail, type Judgement, type SmokeCheck } from "../../domain/smoke/check.ts";
import type { ProbeAnswer } from "../../ports/http-probe.ts";

/** One check to be run. */
export interface CheckPlan {
  readonly id: string;
  readonly title: string;
  readonly asked: string;
  /** What stays behind in the platform. */
  readonly leaves?: string;
  run(signal: AbortSignal): Promise<Judgement>;
}

/** Runs a list in order; a check that throws has failed and the next one runs all the same. Only the signal ends it. */
export async function runChecks(
  plans: readonly CheckPlan[],
  now: () => Date,
  onCheck: (check: SmokeCheck) => void,
  signal: AbortSignal,
): Promise<readonly SmokeCheck[]> {
  const checks: SmokeCheck[] = [];
  for (const { run, leaves: _, ...plan } of plans) {
    signal.throwIfAborted();
    const started = now().getTime();
    const judgement = await attempt(run, signal);
    const check = { ...plan, ...judgement, milliseconds: now().getTime() - started };
    checks.push(check);
    onCheck(check);
  }
  return checks;
}

/** A {@link Judgement} from an answer, or the failure that there was none. */
export function judged(answer: ProbeAnswer, judge: (answer: Extract<ProbeAnswer, { kind: "answered" }>) => Judgement): Judgement {
  return answer.kind === "answered" ? judge(answer) : fail("no answer", answer.what);
}

async function attempt(run: CheckPlan["run"], signal: AbortSignal): Promise<Judgement> {
  try {
    return await run(signal);
  } catch (error) {
    if (signal.aborted) throw signal.reason;
    if (!(error instanceof Problem)) throw error;
    return fail("no answer", error.message);
  }
}
