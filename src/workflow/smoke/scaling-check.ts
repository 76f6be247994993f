import { type Judgement, skipped } from "../../domain/smoke/check.ts";
import { isBlind, judgeAutoscalers } from "../../domain/smoke/judge-ingress.ts";
import type { Clock } from "../../ports/clock.ts";
import type { ClusterWorkloads, ReleaseScope } from "../../ports/cluster-workloads.ts";
import type { CheckPlan } from "./check-runner.ts";

/** Milliseconds that figures may take after a pod started: the metrics server looks every 15 s, the controller too. */
const figuresDeadline = 75_000;
const pause = 3_000;

/** Whether every autoscaler of the release knows its figures; waits for those that have none yet. `targets` are the release's workloads. */
export function scalingCheck(workloads: ClusterWorkloads, clock: Clock, scope: ReleaseScope, targets: ReadonlySet<string>): CheckPlan {
  return {
    id: "autoscalers",
    title: "autoscalers know their figures",
    asked: "status of the HorizontalPodAutoscalers",
    async run(signal): Promise<Judgement> {
      const started = clock.now().getTime();
      for (;;) {
        const seen = await workloads.autoscalers(scope, signal);
        if (seen.kind === "denied") return skipped(`the right to ${seen.verb} ${seen.resource} is missing`);
        if (seen.kind === "unavailable") return skipped(seen.message);
        const own = seen.value.filter((one) => targets.has(`${one.target.kind}/${one.target.name}`));
        if (own.length === 0) return skipped("this release has no autoscalers");
        if (!own.some(isBlind) || clock.now().getTime() - started >= figuresDeadline) return judgeAutoscalers(own);
        await clock.pause(pause, signal);
      }
    },
  };
}
