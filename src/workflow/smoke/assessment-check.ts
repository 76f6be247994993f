import { fail, type Judgement } from "../../domain/smoke/check.ts";
import { finishedAssessments, judgeAssessment, judgeBacklog, judgeUnfinished, readCreated } from "../../domain/smoke/judge-assessment.ts";
import type { ApiTarget } from "./api-checks.ts";
import { askPod } from "./ask-pod.ts";

/** Milliseconds from POST to completed, after which a queue may be looked at, and between two looks at the assessment. */
const [deadline, patience, pause] = [120_000, 20_000, 500];

/**
 * An assessment from POST to completed, as a client would have one made. On a platform whose queue is long it waits behind the others; that the
 * workers finish those is as good a proof, and nobody has to wait for the end of the queue.
 */
export async function completedAssessment(target: ApiTarget, signal: AbortSignal): Promise<Judgement> {
  const { roster, clock, tenant, nonce } = target;
  const headers = { "x-tenant-id": tenant };
  const json = { name: `smoke test ${nonce}`, description: "Java monolith on WebSphere with PL/SQL packages and a nightly batch" };
  const before = await finished(target, signal);
  const started = clock.now().getTime();
  const posted = await roster.ask("backend", { method: "POST", path: "/api/v1/assessments", json, headers }, signal);
  if (posted.kind === "failed") return fail("no answer", posted.what);
  const created = readCreated(posted);
  if (!("id" in created)) return created;
  const path = `/api/v1/assessments/${encodeURIComponent(created.id)}`;
  let nextLook = started + patience;
  for (;;) {
    const answer = await roster.ask("backend", { method: "GET", path, headers }, signal);
    const judgement = answer.kind === "answered" ? judgeAssessment(answer) : fail("no answer", answer.what);
    if (judgement !== undefined) return judgement;
    const now = clock.now().getTime();
    if (now >= nextLook) {
      const backlog = judgeBacklog(before, await finished(target, signal), (now - started) / 1000);
      if (backlog !== undefined) return backlog;
      nextLook = now + patience;
    }
    if (now - started >= deadline) return judgeUnfinished(answer.kind === "answered" ? answer : undefined, deadline / 1000);
    await clock.pause(pause, signal);
  }
}

/** How many assessments each worker says that it has finished; one that does not say is left out. */
async function finished({ http, roster }: ApiTarget, signal: AbortSignal): Promise<ReadonlyMap<string, number>> {
  const counts = await Promise.all(
    roster
      .ready("worker")
      .map(async (pod) => [pod.name, finishedAssessments(await askPod(http, pod, { method: "GET", path: "/metrics" }, signal))] as const),
  );
  return new Map(counts.flatMap(([name, count]) => (count === undefined ? [] : [[name, count] as const])));
}
