import type { PullProblem, Sighting } from "../cause.ts";
import type { ClusterEvent, Container, Pod } from "../workload.ts";

const pullReasons = new Set(["ErrImagePull", "ImagePullBackOff", "InvalidImageName", "ErrImageNeverPull", "RegistryUnavailable", "ImageInspectError"]);

/** Ordered: a text that fits several is what fits first (Docker Hub says "repository does not exist or may require authorization"). */
const signs: readonly (readonly [PullProblem, RegExp])[] = [
  ["untrusted", /x509:|certificate signed by unknown authority|failed to verify certificate/i],
  ["unauthorized", /\b401\b|\b403\b|unauthori[sz]ed|authorization failed|authentication required|no basic auth credentials|pull access denied|insufficient_scope|forbidden/i],
  ["wrong-platform", /no match for platform|no matching manifest|does not match the (specified|expected) platform|exec format error/i],
  ["unreachable", /dial tcp|no such host|server misbehaving|i\/o timeout|connection refused|HTTP response to HTTPS client|deadline exceeded|\b50[234]\b|EOF$/i],
  ["not-found", /not found|manifest unknown|name unknown|does not exist|\b404\b|InvalidImageName|couldn't parse image/i],
];

/** What a runtime's message about a failed pull means. */
export function pullProblem(message: string): PullProblem {
  return signs.find(([, pattern]) => pattern.test(message))?.[0] ?? "other";
}

/** The pull that fails in this container, or undefined. Older clusters tell the reason only in the event, so both are read. */
export function imagePull(pod: Pod, container: Container, events: readonly ClusterEvent[]): Sighting | undefined {
  const { phase } = container;
  if (phase.kind !== "waiting" || !pullReasons.has(phase.reason)) return undefined;
  const failed = events.filter((event) => event.reason === "Failed" && event.message.includes("pull") && event.message.includes(container.image));
  const texts = [phase.message, ...failed.map((event) => event.message), phase.reason];
  const message = texts.find((text) => pullProblem(text) !== "other") ?? phase.message;
  return {
    cause: { kind: "image-pull", problem: pullProblem(message), image: container.image, pullSecrets: pod.pullSecrets, message },
    object: `Pod/${pod.name}`,
    reason: phase.reason,
    since: pod.createdAt,
  };
}
