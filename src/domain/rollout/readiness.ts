import { assertNever } from "../assert-never.ts";
import type { Workload } from "./workload.ts";

/** True when the workload is what its spec asks for, at this generation, with no pod of an older one left to replace. */
export function isReady(workload: Workload): boolean {
  switch (workload.kind) {
    case "Deployment":
      return (
        observed(workload) &&
        workload.updated >= workload.wanted &&
        workload.existing <= workload.updated &&
        workload.available >= workload.wanted
      );
    case "StatefulSet":
      return observed(workload) && workload.updated >= workload.wanted && workload.ready >= workload.wanted;
    case "Job":
      return isTrue(workload, "Complete");
    default:
      return assertNever(workload.kind);
  }
}

/** True when nothing of the workload serves: what depends on it cannot work. */
export function isDown(workload: Workload): boolean {
  if (workload.kind === "Job") return !isTrue(workload, "Complete");
  return workload.wanted > 0 && workload.ready === 0;
}

/** The condition with which a Job says that it gave up, or undefined. */
export function jobFailure(workload: Workload): Workload["conditions"][number] | undefined {
  return workload.kind === "Job" ? workload.conditions.find((one) => one.type === "Failed" && one.status === "True") : undefined;
}

function observed(workload: Workload): boolean {
  return workload.observedGeneration >= workload.generation;
}

function isTrue(workload: Workload, type: string): boolean {
  return workload.conditions.some((one) => one.type === type && one.status === "True");
}
