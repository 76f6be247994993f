import { Problem } from "../../domain/errors/problem.ts";
import type { CauseCard } from "../../domain/rollout/cause.ts";
import { isOnTheWay } from "../../domain/rollout/find-causes.ts";
import type { ReleaseScope } from "../../ports/cluster-workloads.ts";

/** Log lines that the message shows; the cards in its data have all. */
const shownLines = 3;

/** The Problem ROLLOUT_FAILED for a release that was given up: `root` with its fix, and what else is not ready. `how` ends the sentence. */
export function rolloutFailed(target: ReleaseScope, cards: readonly CauseCard[], root: CauseCard | undefined, how: string): Problem {
  if (root === undefined) {
    return new Problem("ROLLOUT_FAILED", {
      what: `release ${target.release} in ${target.namespace}: ${how}; nothing of it was found`,
      fix: `See whether Helm applied it: kubectl -n ${target.namespace} get deployments,statefulsets,jobs -l app.kubernetes.io/instance=${target.release}`,
    });
  }
  const others = cards.filter((card) => card !== root && !isOnTheWay(card.cause)).map(named);
  const lines = root.lines.length === 0 ? "" : ` Last lines: ${root.lines.slice(-shownLines).join(" | ")}`;
  return new Problem("ROLLOUT_FAILED", {
    what: `${root.component} (${root.object}): ${root.what}; ${how}`,
    why: `${root.reason} on ${root.object}.${others.length === 0 ? "" : ` Also: ${others.join(", ")}.`}${lines}`,
    fix: root.fix,
    data: { cards },
  });
}

function named({ component, consequenceOf }: CauseCard): string {
  return consequenceOf.length > 0 ? `${component} (follows from ${consequenceOf.join(", ")})` : component;
}
