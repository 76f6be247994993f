import type { Cause, Sighting } from "../cause.ts";
import type { ClusterEvent, Container, Pod, Termination } from "../workload.ts";

/** Seconds in which a container that has just started may leave its probes unanswered. */
const startingSeconds = 20;
/** Seconds after which an init container that still runs is told as what the pod waits for. */
const initSeconds = 60;

/** What keeps a container from being ready once its image is there: crash, failing probe, long init; or undefined. */
export function containerTrouble(pod: Pod, container: Container, events: readonly ClusterEvent[], at: Date): Sighting | undefined {
  const own = events.filter((event) => event.object.name === pod.name && (event.object.container ?? container.name) === container.name);
  const ended = endedBadly(container);
  if (ended !== undefined) return killedByProbe(pod, container, ended, own) ?? crash(pod, container, ended);
  if (container.phase.kind === "waiting" && startErrors.has(container.phase.reason)) {
    return {
      cause: { kind: "start-refused", container: container.name, message: container.phase.message },
      object: `Pod/${pod.name}`,
      reason: container.phase.reason,
    };
  }
  if (container.phase.kind !== "running" || container.ready) return undefined;
  const seconds = container.phase.since === undefined ? 0 : (at.getTime() - container.phase.since.getTime()) / 1000;
  if (container.role === "init") return seconds < initSeconds ? undefined : initWaiting(pod, container, seconds);
  return seconds < startingSeconds ? undefined : failingProbe(pod, container, own);
}

/** Ends of containers whose process never ran: they have no log. */
const neverStarted = new Set(["StartError", "ContainerCannotRun"]);
const startErrors = new Set(["CreateContainerError", "RunContainerError", "PreCreateHookError", "PreStartHookError", "PostStartHookError"]);

/** The termination that matters: the present one, or the last one of a container that waits to be restarted or has just been. */
function endedBadly(container: Container): Termination | undefined {
  const { phase, last } = container;
  if (phase.kind === "terminated") return phase.exitCode === 0 && container.role !== "main" ? undefined : bad(phase);
  if (phase.kind === "waiting") return phase.reason === "CrashLoopBackOff" ? last : undefined;
  // Running again after a crash: not ready yet, so the crash is still the best explanation.
  return container.ready || last === undefined ? undefined : bad(last);
}

function bad(termination: Termination): Termination | undefined {
  return termination.exitCode === 0 && termination.reason === "Completed" ? undefined : termination;
}

function crash(pod: Pod, container: Container, ended: Termination): Sighting {
  if (neverStarted.has(ended.reason)) {
    return {
      cause: { kind: "start-refused", container: container.name, message: ended.message },
      object: `Pod/${pod.name}`,
      reason: ended.reason,
    };
  }
  const cause: Cause = {
    kind: "crash",
    container: container.name,
    init: container.role === "init",
    exitCode: ended.exitCode,
    ...(ended.signal === undefined ? {} : { signal: ended.signal }),
    outOfMemory: ended.reason === "OOMKilled",
    ...(container.memoryLimit === undefined ? {} : { memoryLimit: container.memoryLimit }),
    restarts: container.restarts,
    message: ended.message,
  };
  const { phase } = container;
  const reason = phase.kind === "waiting" ? phase.reason : ended.reason;
  return {
    cause,
    object: `Pod/${pod.name}`,
    reason,
    ...(ended.finishedAt === undefined ? {} : { since: ended.finishedAt }),
    log: { pod: pod.name, container: container.name, previous: phase.kind === "running" },
  };
}

/** A container that the kubelet killed (137, 143) because a probe failed did not crash: the probe is the cause. */
function killedByProbe(pod: Pod, container: Container, ended: Termination, events: readonly ClusterEvent[]): Sighting | undefined {
  if (
    ended.reason === "OOMKilled" ||
    !events.some((event) => event.reason === "Killing" && /failed (liveness|startup) probe/.test(event.message))
  )
    return undefined;
  const found = failingProbe(
    pod,
    container,
    events.filter((event) => !event.message.includes("Readiness probe")),
  );
  if (found === undefined || found.log === undefined) return undefined;
  return { ...found, log: { ...found.log, previous: container.phase.kind === "running" } };
}

function failingProbe(pod: Pod, container: Container, events: readonly ClusterEvent[]): Sighting | undefined {
  const event = events.findLast((one) => one.reason === "Unhealthy");
  const told = event === undefined ? null : /(Startup|Liveness|Readiness) probe (?:failed|errored)[^:]*:? ?(.*)$/s.exec(event.message);
  const probe = told?.[1]?.toLowerCase();
  return {
    cause: {
      kind: "probe",
      container: container.name,
      probe: probe === "startup" || probe === "liveness" ? probe : "readiness",
      restarts: container.restarts,
      message: told?.[2]?.trim() ?? "",
    },
    object: `Pod/${pod.name}`,
    reason: event?.reason ?? "ContainersNotReady",
    ...(event === undefined ? {} : { since: event.at }),
    log: { pod: pod.name, container: container.name, previous: false },
  };
}

function initWaiting(pod: Pod, container: Container, seconds: number): Sighting {
  return {
    cause: { kind: "init-waiting", container: container.name, seconds: Math.round(seconds), message: "" },
    object: `Pod/${pod.name}`,
    reason: "PodInitializing",
    log: { pod: pod.name, container: container.name, previous: false },
  };
}
