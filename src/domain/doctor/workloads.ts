import { fail, type Judgement, pass, some, warn } from "../judgement.ts";
import type { CauseCard } from "../rollout/cause.ts";
import { isOnTheWay } from "../rollout/find-causes.ts";
import type { Container, Pod } from "../rollout/workload.ts";
import { counted } from "../units.ts";
import type { DoctorCheck } from "./check.ts";
import type { DoctorFacts } from "./facts.ts";

const wanted = "every pod ready, none restarted within the last hour";
const hour = 3_600_000;

/** Is everything ready, and does it stay so? */
export const workloads: DoctorCheck = {
  id: "workloads",
  title: "Workloads",
  why: "What is not ready serves nobody, and a container that keeps ending will be unready at a moment nobody chose.",
  assess(facts) {
    const found = [...facts.causes.filter(({ workload }) => workload.kind !== "Job").map(unready), ...restarts(facts)];
    if (found.length > 0) return found;
    const running = facts.rollout.workloads.filter(({ kind }) => kind !== "Job");
    return [pass(`${counted(running.length, "workload")}, all ready`, wanted)];
  },
};

function unready(card: CauseCard): Judgement {
  const { component, ready, wanted: pods, what, fix, consequenceOf, cause } = card;
  const seen = `${component} ${ready}/${pods}: ${consequenceOf.length > 0 ? `waits for ${consequenceOf.join(", ")}` : what}`;
  return consequenceOf.length > 0 || isOnTheWay(cause) ? warn(seen, wanted, fix) : fail(seen, wanted, fix);
}

/** Containers that have ended within the hour and are up again; what is down is told with its cause. */
function restarts({ rollout, namespace }: DoctorFacts): readonly Judgement[] {
  const since = rollout.at.getTime() - hour;
  const ended = rollout.pods.flatMap((pod) =>
    pod.containers
      .filter(({ ready, restarts: count, last }) => ready && count > 0 && (last?.finishedAt?.getTime() ?? 0) > since)
      .map((container) => ({ pod, container })),
  );
  const [first] = ended;
  if (first === undefined) return [];
  const { pod, container } = first;
  const fix = `See its last words: kubectl -n ${namespace} logs ${pod.name} -c ${container.name} --previous`;
  return [warn(`restarted within the last hour: ${some(ended.map(restarted))}`, wanted, fix)];
}

function restarted({ pod, container: { name, restarts: count, last } }: { readonly pod: Pod; readonly container: Container }): string {
  const why = last === undefined ? "" : `, last ${last.reason || "ended"} with exit code ${last.exitCode}`;
  return `container ${name} of ${pod.name} (${counted(count, "restart")}${why})`;
}
