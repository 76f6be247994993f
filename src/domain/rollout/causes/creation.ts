import type { Refuser, Sighting } from "../cause.ts";
import type { ClusterEvent, Workload } from "../workload.ts";

const signs: readonly (readonly [Refuser, RegExp])[] = [
  ["pod-security", /violates PodSecurity|unable to validate against any security context constraint/],
  ["quota", /exceeded quota|failed quota/],
  ["limit-range", /(maximum|minimum) .*usage per|must specify limits|LimitRange/],
  ["webhook", /admission webhook|failed calling webhook|ValidatingAdmissionPolicy/],
  ["service-account", /serviceaccount "[^"]+" not found|error looking up service account/],
  ["rights", /cannot create resource|cannot set blockOwnerDeletion/],
];

/** Who refused, from the API server's message. */
function refuser(message: string): Refuser {
  return signs.find(([, pattern]) => pattern.test(message))?.[0] ?? "other";
}

/** Why the controller may not make the workload's pods, or undefined: the newest of its events must be the refusal. */
export function creationRefused(workload: Workload, events: readonly ClusterEvent[]): Sighting | undefined {
  // Pods of the revision before do not count: they keep running while those of the new one are refused.
  if (workload.updated >= workload.wanted) return undefined;
  const owners = new Set([workload.name, ...workload.replicaSets]);
  const kinds = new Set<string>([workload.kind, "ReplicaSet"]);
  const told = events.filter(
    (event) => kinds.has(event.object.kind) && owners.has(event.object.name) && /^(Failed|Successful)Create/.test(event.reason),
  );
  const newest = told.at(-1);
  const failing = newest?.reason.startsWith("FailedCreate") === true ? newest : undefined;
  const condition = workload.conditions.find((one) => one.type === "ReplicaFailure" && one.status === "True");
  const source = failing ?? condition;
  if (source === undefined) return undefined;
  const message = source.message.replace(
    /^(\(combined from similar events\): )?(Error creating: |create Pod .*? in StatefulSet .*? failed error: )/,
    "",
  );
  const since = failing?.at ?? condition?.since;
  return {
    cause: { kind: "refused", by: refuser(message), message },
    object: `${workload.kind}/${workload.name}`,
    reason: source.reason,
    ...(since === undefined ? {} : { since }),
  };
}
