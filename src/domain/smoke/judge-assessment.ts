import { fail, type Judgement, pass, warn } from "./check.ts";
import { assessmentCreatedSchema, assessmentSchema } from "./contract.ts";
import { type Answered, brief, json } from "./judge-api.ts";

/** `POST /api/v1/assessments`: its id, or the failure. */
export function readCreated(answer: Answered): { readonly id: string } | Judgement {
  if (answer.status !== 202) return fail(String(answer.status), `POST answers ${answer.status}, not 202: ${brief(answer.body)}`);
  const parsed = assessmentCreatedSchema.safeParse(json(answer.body));
  return parsed.success ? parsed.data : fail("202", "the answer has no id");
}

/** `GET /api/v1/assessments/{id}`: undefined while it is under way. */
export function judgeAssessment(answer: Answered): Judgement | undefined {
  if (answer.status !== 200) return fail(String(answer.status), `GET of the assessment answers ${answer.status}: ${brief(answer.body)}`);
  const parsed = assessmentSchema.safeParse(json(answer.body));
  if (!parsed.success) return fail("200", "the answer has no status");
  const { status, trail } = parsed.data;
  const way = [...new Set(trail.map((step) => step.component))].join(" > ");
  if (status === "failed")
    return fail(`failed${way === "" ? "" : ` after ${way}`}`, "a worker took the assessment and could not finish it: see the worker's log");
  return status === "completed" ? pass(`completed${way === "" ? "" : ` through ${way}`}`) : undefined;
}

/** The state of an assessment that did not end in time. */
export function judgeUnfinished(answer: Answered | undefined, seconds: number): Judgement {
  const parsed = assessmentSchema.safeParse(json(answer?.body ?? ""));
  const status = parsed.success ? parsed.data.status : "unknown";
  const why =
    status === "queued" ? "no worker takes it from the queue: see the workers and Redis" : "the worker does not finish it: see its log";
  return fail(`still ${status} after ${seconds} s`, why);
}

/** What a worker's `/metrics` says of assessments that it brought to an end, however; undefined when it says nothing. */
export function finishedAssessments(answer: ({ readonly kind: "answered" } & Answered) | { readonly kind: "failed" }): number | undefined {
  if (answer.kind === "failed" || answer.status !== 200) return undefined;
  const counts = [...answer.body.matchAll(/^migrate_assessments_total\{[^}]*\} (\S+)$/gm)].map(([, value]) => Number(value));
  return counts.reduce((sum, value) => sum + value, 0);
}

/** Assessments of others that the workers have to finish meanwhile for a queue to count as one that moves. */
const enough = 3;

/** An assessment that waits: a warning where the workers finish others meanwhile, undefined where they do not. */
export function judgeBacklog(
  before: ReadonlyMap<string, number>,
  now: ReadonlyMap<string, number>,
  seconds: number,
): Judgement | undefined {
  const finished = [...now].reduce((sum, [worker, count]) => sum + Math.max(0, count - (before.get(worker) ?? count)), 0);
  if (finished < enough) return undefined;
  return warn(
    `waits behind others: ${finished} finished in ${Math.round(seconds)} s`,
    "the queue is long, and the workers work on it; this one was not waited for",
  );
}
