import type { PullProblem, Sighting } from "../cause.ts";
import type { ClusterEvent, Container, Pod } from "../workload.ts";

const pullReasons = new Set([
  "ErrImagePull",
  "ImagePullBackOff",
  "InvalidImageName",
  "ErrImageNeverPull",
  "RegistryUnavailable",
  "ImageInspectError",
]);

/** Ordered: a text that fits several is what fits first (Docker Hub says "repository does not exist or may require authorization"). */
const signs: readonly (readonly [PullProblem, RegExp])[] = [
  ["untrusted", /x509:|certificate signed by unknown authority|failed to verify certificate/i],
  [
    "unauthorized",
    /\b401\b|\b403\b|unauthori[sz]ed|authorization failed|authentication required|no basic auth credentials|pull access denied|insufficient_scope|forbidden/i,
  ],
  ["wrong-platform", /no match for platform|no matching manifest|does not match the (specified|expected) platform|exec format error/i],
  [
    "unreachable",
    /dial tcp|no such host|server misbehaving|i\/o timeout|connection refused|HTTP response to HTTPS client|deadline exceeded|\b50[234]\b|EOF$/i,
  ],
  ["not-found", /not found|manifest unknown|name unknown|does not exist|\b404\b|InvalidImageName|couldn't parse image/i],
];

/** What a runtime's message about a failed pull means. */
function pullProblem(message: string): PullProblem {
  return signs.find(([, pattern]) => pattern.test(message))?.[0] ?? "other";
}

/** The pull that fails in this container, or undefined. Older clusters tell the reason only in the event, so both are read. */
export function imagePull(
  pod: Pod,
  container: Container,
  events: readonly ClusterEvent[],
  pulledFrom: ReadonlySet<string>,
): Sighting | undefined {
  const { phase } = container;
  if (phase.kind !== "waiting" || !pullReasons.has(phase.reason)) return undefined;
  const failed = events.filter(
    (event) => event.reason === "Failed" && event.message.includes("pull") && event.message.includes(container.image),
  );
  const texts = [phase.message, ...failed.map((event) => event.message), phase.reason];
  const message = texts.find((text) => pullProblem(text) !== "other") ?? phase.message;
  const unread = unreadSecrets(events);
  return {
    cause: {
      kind: "image-pull",
      problem: clarified(pullProblem(message), container.image, pulledFrom),
      image: container.image,
      pullSecrets: pod.pullSecrets,
      missingPullSecrets: pod.pullSecrets.filter((name) => unread.includes(name)),
      message,
    },
    object: `Pod/${pod.name}`,
    reason: phase.reason,
    ...lastOf(failed),
  };
}

function lastOf(events: readonly ClusterEvent[]): { readonly since?: Date } {
  const last = events.at(-1);
  return last === undefined ? {} : { since: last.at };
}

/** Milliseconds between what the kubelet says of the pull secrets and the pull that it then begins, events telling whole seconds. */
const sameAttempt = 2_000;

/**
 * The pull secrets that the kubelet could not read at its last attempt. A kubelet that has just got a pod may say so once of a Secret
 * that is there; then later pulls begin without that word.
 */
function unreadSecrets(events: readonly ClusterEvent[]): readonly string[] {
  const told = events.findLast((event) => event.reason === "FailedToRetrieveImagePullSecret");
  const pulling = events.findLast((event) => event.reason === "Pulling");
  if (told === undefined || (pulling !== undefined && pulling.at.getTime() - told.at.getTime() > sameAttempt)) return [];
  return /secrets \(([^)]*)\)/.exec(told.message)?.[1]?.split(", ") ?? [];
}

/**
 * containerd asks a registry's bare address again when the host of its hosts.toml has no such image, and then without that host's CA:
 * a missing image ends as "unknown authority". Where another image came from the same registry, its certificate is not the trouble.
 */
function clarified(problem: PullProblem, image: string, pulledFrom: ReadonlySet<string>): PullProblem {
  return problem === "untrusted" && pulledFrom.has(registryOf(image)) ? "not-found" : problem;
}

/** Registries that images of these pods have been pulled from. */
export function registriesInUse(pods: readonly Pod[]): ReadonlySet<string> {
  return new Set(
    pods.flatMap((pod) =>
      pod.containers.filter((one) => one.phase.kind !== "waiting" || one.last !== undefined).map((one) => registryOf(one.image)),
    ),
  );
}

function registryOf(image: string): string {
  return image.split("/")[0] ?? "";
}
