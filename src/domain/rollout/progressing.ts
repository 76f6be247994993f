import type { Container, Pod, RolloutFacts, Workload } from "./workload.ts";

/** What an unready workload with no trouble is doing just now, in a few words. */
export function doingNow(workload: Workload, pods: readonly Pod[], facts: RolloutFacts): string {
  if (workload.observedGeneration < workload.generation) return "its controller has not looked at it yet";
  const pod = pods[0];
  if (pod !== undefined) return podDoing(pod, facts);
  const previous = workload.existing - workload.updated;
  if (workload.updated < workload.wanted) return previous > 0 ? "pods of its new revision are being made" : "its pods are being made";
  if (previous > 0)
    return previous === 1 ? "a pod of the previous revision is going" : `${previous} pods of the previous revision are going`;
  return workload.kind === "Job" ? "it runs" : "its pods are ready and settling";
}

function podDoing(pod: Pod, facts: RolloutFacts): string {
  if (pod.node === undefined) return "waits for the scheduler";
  const claims = facts.claims.kind === "known" ? facts.claims.value : [];
  const unbound = pod.claims.find((name) => claims.some((claim) => claim.name === name && claim.phase === "Pending"));
  if (unbound !== undefined) return `waits for volume ${unbound}`;
  const init = pod.containers.find((one) => one.role === "init" && one.phase.kind === "running");
  if (init !== undefined) return `init container ${init.name} runs`;
  const starting = pod.containers.find((one) => !one.ready && one.role !== "init");
  if (starting === undefined) return "is becoming ready";
  return starting.phase.kind === "waiting" ? waiting(pod, starting, facts) : `${starting.name} is starting`;
}

function waiting(pod: Pod, container: Container, facts: RolloutFacts): string {
  const events = facts.events.kind === "known" ? facts.events.value.filter((event) => event.object.name === pod.name) : [];
  const newest = events.findLast((event) => event.reason === "Pulling" || event.reason === "Pulled");
  if (newest?.reason === "Pulling") return `pulls ${container.image.split("@")[0] ?? container.image}`;
  return "its containers are being made";
}
