import { Problem } from "../../domain/errors/problem.ts";
import type { CauseCard } from "../../domain/rollout/cause.ts";
import { isReady } from "../../domain/rollout/readiness.ts";
import { type ComponentRow, rows, viewLines } from "../../domain/rollout/view.ts";
import { workloadId } from "../../domain/rollout/workload.ts";
import type { Clock } from "../../ports/clock.ts";
import type { ClusterWorkloads, ReleaseScope } from "../../ports/cluster-workloads.ts";
import { Bell } from "./bell.ts";
import { type Diagnosis, diagnose } from "./diagnose.ts";
import { rolloutFailed } from "./failed.ts";
import { Patience } from "./patience.ts";

/** What waiting for a rollout needs. */
export interface RolloutPorts {
  readonly workloads: ClusterWorkloads;
  readonly clock: Clock;
}

/** The release to wait for. */
export interface RolloutTarget extends ReleaseScope {
  /** Workloads that must be there (`Deployment/backend`); others of the release count too. Empty: at least one of any name. */
  readonly expects?: readonly string[];
  /**
   * Nothing is left to fall back on: waits ten times as long before a cause counts as one that stays. Kubernetes tries refused pods again ever
   * more seldom, and what refused them may have been what is being taken back.
   */
  readonly lastResort?: boolean;
}

/** Who watches. `onView` gets the whole table whenever it has changed. */
export interface RolloutWatcher {
  readonly onView: (lines: readonly string[]) => void;
}

/** A rollout that came to its end. */
export interface RolloutResult {
  readonly seconds: number;
  readonly components: readonly ComponentRow[];
}

/** Milliseconds after a change until the next look: changes come in chains (pod, ReplicaSet, Deployment), and one look is for all of them. */
const settle = 250;
/** Milliseconds until the next look while nothing changes: time alone makes a cause (a probe's grace, patience), and a watch may be broken. */
const quiet = 5_000;
/** Milliseconds between two looks while the API is silent. */
const blindPause = 1_500;
/** Milliseconds that the API may stay silent (its server restarts) before the wait ends. */
const blindFor = 60_000;

/**
 * Waits until every workload of the release is what its spec asks for, at its newest generation.
 * Ends early on a cause that does not heal by itself once it has stayed for its time. `deadline` is in milliseconds from now.
 * @throws Problem ROLLOUT_FAILED with the root card, also when --timeout passes; the signal's other reasons; Problem CLUSTER_* when the API stays silent
 */
export async function awaitRollout(
  ports: RolloutPorts,
  target: RolloutTarget,
  watcher: RolloutWatcher,
  signal: AbortSignal,
  deadline: number,
): Promise<RolloutResult> {
  const bell = new Bell();
  const watch = new AbortController();
  let last: readonly CauseCard[] = [];
  const keep = (cards: readonly CauseCard[]) => (last = cards);
  try {
    ports.workloads.watch(target, () => bell.ring(), AbortSignal.any([signal, watch.signal]));
    return await lookUntilReady(ports, target, { ...watcher, bell, keep }, signal, deadline);
  } catch (error) {
    // Whoever sets --timeout wants to know what it was that took so long.
    if (!(error instanceof Problem) || error.code !== "DEADLINE" || last[0] === undefined) throw error;
    throw rolloutFailed(target, last, last[0], "not ready by then");
  } finally {
    watch.abort();
  }
}

interface Looking extends RolloutWatcher {
  readonly bell: Bell;
  readonly keep: (cards: readonly CauseCard[]) => void;
}

async function lookUntilReady(
  ports: RolloutPorts,
  target: RolloutTarget,
  { onView, bell, keep }: Looking,
  signal: AbortSignal,
  deadline: number,
): Promise<RolloutResult> {
  const { clock } = ports;
  const now = () => clock.now().getTime();
  const started = now();
  const patience = new Patience(target.lastResort === true ? 10 : 1);
  let shown = "";
  let sighted = started;
  for (;;) {
    signal.throwIfAborted();
    bell.clear();
    const seen = await look(ports, target, signal, () => now() - sighted >= blindFor);
    if (seen === undefined) {
      await clock.pause(blindPause, signal);
      continue;
    }
    sighted = now();
    keep(seen.cards);
    const table = rows(seen.facts, seen.cards);
    const lines = viewLines(table);
    if (lines.join("\n") !== shown) onView(lines);
    shown = lines.join("\n");
    if (isComplete(seen, target)) return { seconds: (sighted - started) / 1000, components: table };
    const lost = patience.exhausted(seen.cards, sighted);
    if (lost !== undefined) throw rolloutFailed(target, seen.cards, lost, "it will not heal by itself");
    const left = started + deadline - sighted;
    if (left <= 0) throw rolloutFailed(target, seen.cards, seen.cards[0], `not ready after ${Math.round(deadline / 1000)} s`);
    await change(clock, bell, Math.min(quiet, left), signal);
  }
}

/** Resolves a moment after the next change, or after `longest` milliseconds without one. */
async function change(clock: Clock, bell: Bell, longest: number, signal: AbortSignal): Promise<void> {
  const over = new AbortController();
  const either = AbortSignal.any([signal, over.signal]);
  try {
    const changed = bell.heard(either).then(() => true);
    const waited = clock.pause(longest, either).then(() => false);
    if (await Promise.race([changed, waited])) await clock.pause(settle, signal);
  } finally {
    over.abort();
  }
}

/** One look; undefined while the API is silent and may be so. */
async function look(
  ports: RolloutPorts,
  target: RolloutTarget,
  signal: AbortSignal,
  tooLong: () => boolean,
): Promise<Diagnosis | undefined> {
  try {
    return await diagnose(ports.workloads, target, signal);
  } catch (error) {
    if (!(error instanceof Problem) || error.code !== "CLUSTER_UNREACHABLE" || tooLong()) throw error;
    return undefined;
  }
}

function isComplete({ facts }: Diagnosis, target: RolloutTarget): boolean {
  const own = facts.workloads.filter((workload) => workload.cronJob === undefined);
  const present = new Set(own.map(workloadId));
  return own.length > 0 && (target.expects ?? []).every((id) => present.has(id)) && own.every(isReady);
}
