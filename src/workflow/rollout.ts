import { Problem } from "../domain/errors/problem.ts";
import type { CauseCard } from "../domain/rollout/cause.ts";
import { isOnTheWay } from "../domain/rollout/find-causes.ts";
import { causeKey, patience } from "../domain/rollout/hopeless.ts";
import { isReady } from "../domain/rollout/readiness.ts";
import { type ComponentRow, rows, viewLines } from "../domain/rollout/view.ts";
import { workloadId } from "../domain/rollout/workload.ts";
import type { Clock } from "../ports/clock.ts";
import type { ClusterWorkloads, ReleaseScope } from "../ports/cluster-workloads.ts";
import { type Diagnosis, diagnose } from "./rollout/diagnose.ts";

/** What waiting for a rollout needs. */
export interface RolloutPorts {
  readonly workloads: ClusterWorkloads;
  readonly clock: Clock;
}

/** The release to wait for. */
export interface RolloutTarget extends ReleaseScope {
  /** Workloads that must be there (`Deployment/backend`); others of the release count too. Empty: at least one of any name. */
  readonly expects?: readonly string[];
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

/** Milliseconds between two looks. */
const pause = 1_500;
/** Looks in a row that the API may leave unanswered (it restarts too) before the wait ends. */
const blindLooks = 5;

/**
 * Waits until every workload of the release is what its spec asks for, at its newest generation.
 * Ends early on a cause that does not heal by itself once it has stayed for its time. `deadline` is in milliseconds from now.
 * @throws Problem ROLLOUT_FAILED with the root card; the signal's reason; Problem CLUSTER_* when the API stays silent
 */
export async function awaitRollout(
  ports: RolloutPorts,
  target: RolloutTarget,
  watcher: RolloutWatcher,
  signal: AbortSignal,
  deadline: number,
): Promise<RolloutResult> {
  const started = ports.clock.now().getTime();
  const firstSeen = new Map<string, number>();
  let shown = "";
  let blind = 0;
  for (;;) {
    signal.throwIfAborted();
    const seen = await look(ports, target, signal, (blind += 1) >= blindLooks);
    const now = ports.clock.now().getTime();
    if (seen !== undefined) {
      blind = 0;
      const table = rows(seen.facts, seen.cards);
      const lines = viewLines(table);
      if (lines.join("\n") !== shown) watcher.onView(lines);
      shown = lines.join("\n");
      if (isComplete(seen, target)) return { seconds: (now - started) / 1000, components: table };
      const lost = hopeless(seen.cards, firstSeen, now);
      if (lost !== undefined) throw rolloutFailed(target, seen.cards, lost, `it will not heal by itself`);
      if (now - started >= deadline)
        throw rolloutFailed(target, seen.cards, seen.cards[0], `not ready after ${Math.round(deadline / 1000)} s`);
    }
    await ports.clock.pause(pause, signal);
  }
}

/** One look; undefined while the API is silent and may be so. */
async function look(ports: RolloutPorts, target: RolloutTarget, signal: AbortSignal, last: boolean): Promise<Diagnosis | undefined> {
  try {
    return await diagnose(ports.workloads, target, signal);
  } catch (error) {
    if (last || !(error instanceof Problem) || error.code !== "CLUSTER_UNREACHABLE") throw error;
    return undefined;
  }
}

function isComplete({ facts }: Diagnosis, target: RolloutTarget): boolean {
  const own = facts.workloads.filter((workload) => workload.cronJob === undefined);
  const present = new Set(own.map(workloadId));
  return own.length > 0 && (target.expects ?? []).every((id) => present.has(id)) && own.every(isReady);
}

/** The first root cause that has stayed longer than its patience; forgets those that went away. */
function hopeless(cards: readonly CauseCard[], firstSeen: Map<string, number>, now: number): CauseCard | undefined {
  const keys = new Set(cards.map(causeKey));
  for (const key of firstSeen.keys()) if (!keys.has(key)) firstSeen.delete(key);
  for (const card of cards) if (!firstSeen.has(causeKey(card))) firstSeen.set(causeKey(card), now);
  return cards.find((card) => {
    const seconds = patience(card.cause);
    // A job that gave up does not try again, whatever it was that it waited for.
    if (seconds === undefined || (card.consequenceOf.length > 0 && card.cause.kind !== "job-failed")) return false;
    return now - (firstSeen.get(causeKey(card)) ?? now) >= seconds * 1000;
  });
}

function rolloutFailed(target: RolloutTarget, cards: readonly CauseCard[], root: CauseCard | undefined, how: string): Problem {
  const others = cards.filter((card) => card !== root && !isOnTheWay(card.cause));
  if (root === undefined) {
    return new Problem("ROLLOUT_FAILED", {
      what: `release ${target.release} in ${target.namespace}: ${how}; nothing of it was found`,
      fix: `See whether Helm applied it: kubectl -n ${target.namespace} get deployments,statefulsets,jobs -l app.kubernetes.io/instance=${target.release}`,
    });
  }
  const lines = root.lines.length === 0 ? "" : ` Last lines: ${root.lines.slice(-3).join(" | ")}`;
  return new Problem("ROLLOUT_FAILED", {
    what: `${root.component} (${root.object}): ${root.what}; ${how}`,
    why: `${root.reason} on ${root.object}.${others.length === 0 ? "" : ` Also: ${others.map((card) => `${card.component}${card.consequenceOf.length > 0 ? ` (follows from ${card.consequenceOf.join(", ")})` : ""}`).join(", ")}.`}${lines}`,
    fix: root.fix,
    data: { cards },
  });
}
