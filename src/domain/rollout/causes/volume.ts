import type { Reading } from "../../reading.ts";
import type { Sighting, VolumeProblem } from "../cause.ts";
import type { Claim, ClusterEvent, Pod, RolloutFacts } from "../workload.ts";
import { isAboutVolumes } from "./scheduling.ts";

/** Milliseconds after which a claim that nobody has touched counts as forgotten by its provisioner. */
const silence = 30_000;

/** The claim that keeps the pod from starting, or undefined. */
export function volume(pod: Pod, facts: RolloutFacts, events: readonly ClusterEvent[]): Sighting | undefined {
  const scheduled = pod.conditions.find((one) => one.type === "PodScheduled");
  // A claim that waits for its first consumer waits for the scheduler: then the scheduler's reason is the root.
  if (scheduled?.status === "False" && !isAboutVolumes(scheduled.message)) return undefined;
  for (const name of pod.claims) {
    const found = claimProblem(name, pod, facts, events);
    if (found !== undefined) return found;
  }
  return mountFailure(pod, events);
}

function claimProblem(name: string, pod: Pod, facts: RolloutFacts, events: readonly ClusterEvent[]): Sighting | undefined {
  const claim = value(facts.claims)?.find((one) => one.name === name);
  if (claim === undefined)
    return facts.claims.kind === "known" && pod.phase === "Pending" ? sighting("claim-missing", { name }, "", "NotFound") : undefined;
  if (claim.phase === "Lost") return sighting("claim-lost", claim, "the volume behind the claim is gone", "Lost");
  if (claim.phase === "Bound") return undefined;
  const told = events.filter((event) => event.object.kind === "PersistentVolumeClaim" && event.object.name === name);
  const classes = value(facts.storageClasses);
  const failed = told.findLast((event) => event.reason === "ProvisioningFailed");
  if (claim.storageClass !== undefined && classes !== undefined && !classes.some((one) => one.name === claim.storageClass)) {
    return sighting("class-missing", claim, failed?.message ?? "", failed?.reason ?? "Pending");
  }
  if (claim.storageClass === undefined && (classes === undefined || !classes.some((one) => one.isDefault))) {
    return sighting("no-default-class", claim, told.findLast((event) => event.reason === "FailedBinding")?.message ?? "", "FailedBinding");
  }
  if (failed !== undefined) {
    const missing = /storageclass\S* "[^"]+" not found/.test(failed.message);
    return { ...sighting(missing ? "class-missing" : "provisioning-failed", claim, failed.message, failed.reason), since: failed.at };
  }
  const taken = told.some((event) => event.reason === "Provisioning");
  if (taken || facts.at.getTime() - claim.createdAt.getTime() < silence) return undefined;
  const waiting = told.findLast((event) => event.reason === "ExternalProvisioning" || event.reason === "WaitForFirstConsumer");
  const provisioner = classes?.find((one) => one.name === claim.storageClass)?.provisioner;
  return sighting("provisioner-silent", claim, waiting?.message ?? "", waiting?.reason ?? "Pending", provisioner);
}

function mountFailure(pod: Pod, events: readonly ClusterEvent[]): Sighting | undefined {
  if (pod.phase !== "Pending") return undefined;
  const event = events.findLast(
    (one) =>
      one.object.kind === "Pod" && one.object.name === pod.name && (one.reason === "FailedMount" || one.reason === "FailedAttachVolume"),
  );
  if (event === undefined) return undefined;
  const claim =
    pod.claims.find((name) => event.message.includes(name)) ?? /volume "([^"]+)"/.exec(event.message)?.[1] ?? pod.claims[0] ?? "";
  return {
    cause: { kind: "volume", problem: "mount-failed", claim, message: event.message },
    object: `Pod/${pod.name}`,
    reason: event.reason,
    since: event.at,
  };
}

function sighting(
  problem: VolumeProblem,
  claim: Pick<Claim, "name"> & Partial<Claim>,
  message: string,
  reason: string,
  provisioner?: string,
): Sighting {
  return {
    cause: {
      kind: "volume",
      problem,
      claim: claim.name,
      ...(claim.storageClass === undefined ? {} : { storageClass: claim.storageClass }),
      ...(provisioner === undefined ? {} : { provisioner }),
      message,
    },
    object: `PersistentVolumeClaim/${claim.name}`,
    reason,
  };
}

function value<T>(reading: Reading<T>): T | undefined {
  return reading.kind === "known" ? reading.value : undefined;
}
