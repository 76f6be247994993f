import { Problem } from "../../domain/errors/problem.ts";
import type { Plan } from "../../domain/plan/plan.ts";
import type { Clock } from "../../ports/clock.ts";
import type { ClusterObjects } from "../../ports/cluster-objects.ts";
import { planDigest } from "../plan-of.ts";
import { writeRecord } from "../record-book.ts";
import type { RunOptions } from "../runner.ts";
import { entryHead } from "../steps/record.ts";
import type { InstallStart } from "../steps/start.ts";

/** Actions before the Lease is held: nothing has been done then that a record could tell of. */
const tooEarly: ReadonlySet<string> = new Set(["identity", "namespace", "lease"]);

/** Appends to the record that a run failed, and where. */
export function recordFailure(
  ports: { readonly objects: ClusterObjects; readonly clock: Clock },
  start: InstallStart,
  plan: Plan,
): NonNullable<RunOptions["failed"]> {
  const startedAt = ports.clock.now().toISOString();
  return async ({ action, problem }, signal) => {
    if (tooEarly.has(action)) return;
    const entry = {
      ...entryHead(start, planDigest(plan)),
      startedAt,
      finishedAt: ports.clock.now().toISOString(),
      outcome: "failed" as const,
      failure: { action, code: problem instanceof Problem ? problem.code : "BUG" },
    };
    await writeRecord(ports.objects, start.namespace, { clusterUid: start.clusterUid, answers: start.answers, entry }, signal);
  };
}
