import type { Reading } from "../reading.ts";
import type { Cause, CauseCard, Sighting } from "./cause.ts";
import { configMissing } from "./causes/config.ts";
import { containerTrouble } from "./causes/container.ts";
import { creationRefused } from "./causes/creation.ts";
import { imagePull, registriesInUse } from "./causes/image-pull.ts";
import { podLost } from "./causes/pod-lost.ts";
import { scheduling } from "./causes/scheduling.ts";
import { volume } from "./causes/volume.ts";
import { depth, rootNeeds } from "./dependencies.ts";
import { fixFor } from "./fixes.ts";
import { doingNow } from "./progressing.ts";
import { isDown, isReady, jobFailure } from "./readiness.ts";
import { whatOf } from "./telling.ts";
import { type LogSource, type Pod, type RolloutFacts, type Workload, workloadId } from "./workload.ts";

/** Last log lines by {@link logKey}; what could not be read is missing. */
export type Logs = ReadonlyMap<string, readonly string[]>;

/** Key of one container's log in {@link Logs}. */
export function logKey(source: LogSource): string {
  return `${source.pod}/${source.container}/${source.previous ? "previous" : "current"}`;
}

/** The container logs that {@link findCauses} will want for these facts. */
export function logsWanted(facts: RolloutFacts): readonly LogSource[] {
  const sources = unready(facts).flatMap((workload) => sightingOf(workload, facts)?.log ?? []);
  return [...new Map(sources.map((source) => [logKey(source), source])).values()];
}

/** One card per unready workload: roots first, in the order in which components need each other, then their consequences. */
export function findCauses(facts: RolloutFacts, logs: Logs): readonly CauseCard[] {
  const down = new Set(facts.workloads.filter((one) => one.cronJob === undefined && isDown(one)).map((one) => one.component));
  const cards = unready(facts).map((workload) => card(workload, sightingOf(workload, facts), down, facts, logs));
  return cards.toSorted(
    (a, b) =>
      Math.sign(a.consequenceOf.length) - Math.sign(b.consequenceOf.length) ||
      rank(a) - rank(b) ||
      depth(a.component) - depth(b.component) ||
      a.component.localeCompare(b.component),
  );
}

/** True for a cause that says "not yet" rather than "something is wrong". */
export function isOnTheWay(cause: Cause): boolean {
  return cause.kind === "progressing" || cause.kind === "waiting-for" || cause.kind === "init-waiting";
}

function unready(facts: RolloutFacts): readonly Workload[] {
  return facts.workloads.filter((workload) => !isReady(workload) && (workload.cronJob === undefined || jobFailure(workload) !== undefined));
}

function card(workload: Workload, found: Sighting | undefined, down: ReadonlySet<string>, facts: RolloutFacts, logs: Logs): CauseCard {
  const needed = rootNeeds(workload.component, down).filter((one) => one !== workload.component);
  const consequence = needed.length > 0 && (found === undefined || canFollow(found.cause));
  const pods = podsOf(workload, facts.pods);
  const seen: Sighting = found ?? {
    cause: consequence
      ? { kind: "waiting-for", components: needed, message: "" }
      : { kind: "progressing", doing: doingNow(workload, pods, facts), message: "" },
    object: pods[0] === undefined ? workloadId(workload) : `Pod/${pods[0].name}`,
    reason: "Progressing",
  };
  const lines = seen.log === undefined ? [] : (logs.get(logKey(seen.log)) ?? []);
  return {
    component: workload.component,
    workload: { kind: workload.kind, name: workload.name },
    ready: workload.ready,
    wanted: workload.wanted,
    object: seen.object,
    reason: seen.reason,
    cause: seen.cause,
    what: whatOf(seen.cause, lines),
    fix: fixFor(seen, facts.namespace, consequence ? needed : []),
    lines,
    ...(seen.since === undefined ? {} : { since: seen.since }),
    consequenceOf: consequence ? needed : [],
  };
}

/** Causes that a dead dependency explains; a missing image or a refused pod is a root of its own whatever else is down. */
function canFollow(cause: Cause): boolean {
  return cause.kind === "probe" || cause.kind === "crash" || cause.kind === "job-failed" || isOnTheWay(cause);
}

/** Roots that somebody must mend come before those that may still mend themselves; consequences stand in the order of need. */
function rank(card: CauseCard): number {
  return card.consequenceOf.length === 0 && isOnTheWay(card.cause) ? 1 : 0;
}

function sightingOf(workload: Workload, facts: RolloutFacts): Sighting | undefined {
  const events = known(facts.events);
  const nodes = known(facts.nodes);
  const refused = creationRefused(workload, events);
  if (refused !== undefined) return refused;
  const failure = jobFailure(workload);
  const pods = podsOf(workload, facts.pods);
  for (const pod of pods) {
    const found = podSighting(pod, facts, events, nodes);
    if (found !== undefined) return failure === undefined ? found : jobCard(workload, failure, found);
  }
  if (failure === undefined) return undefined;
  return { cause: jobFailed(workload, failure), object: workloadId(workload), reason: failure.reason };
}

function podSighting(
  pod: Pod,
  facts: RolloutFacts,
  events: Parameters<typeof volume>[2],
  nodes: Parameters<typeof podLost>[1],
): Sighting | undefined {
  const own = events.filter((event) => event.object.name === pod.name);
  const first = podLost(pod, nodes) ?? scheduling(pod, nodes);
  if (first !== undefined) return first;
  const pulledFrom = registriesInUse(facts.pods);
  for (const container of pod.containers) {
    const found = imagePull(pod, container, own, pulledFrom) ?? configMissing(pod, container, own);
    if (found !== undefined) return found;
  }
  const claim = volume(pod, facts, events);
  if (claim !== undefined) return claim;
  for (const container of pod.containers) {
    const found = containerTrouble(pod, container, own, facts.at);
    if (found !== undefined) return found;
  }
  return undefined;
}

type JobFailure = NonNullable<ReturnType<typeof jobFailure>>;

function jobCard(job: Workload, failure: JobFailure, found: Sighting): Sighting {
  if (found.cause.kind !== "crash") return found;
  return { ...found, cause: { ...jobFailed(job, failure), exitCode: found.cause.exitCode }, reason: failure.reason };
}

function jobFailed({ name, cronJob }: Workload, { reason, message }: JobFailure): Extract<Cause, { kind: "job-failed" }> {
  return { kind: "job-failed", job: name, ...(cronJob === undefined ? {} : { cronJob }), reason, message };
}

/** The unready pods of a workload that are to stay, newest first: those of the newest revision tell why a rollout stands still. */
function podsOf(workload: Workload, pods: readonly Pod[]): readonly Pod[] {
  return pods
    .filter(
      (pod) =>
        pod.owner?.kind === workload.kind && pod.owner.name === workload.name && !pod.deleting && !pod.ready && pod.phase !== "Succeeded",
    )
    .toSorted((a, b) => b.createdAt.getTime() - a.createdAt.getTime() || a.name.localeCompare(b.name));
}

function known<T>(reading: Reading<readonly T[]>): readonly T[] {
  return reading.kind === "known" ? reading.value : [];
}
