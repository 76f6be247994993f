import { Problem } from "../../../src/domain/errors/problem.ts";
import type { RolloutFacts } from "../../../src/domain/rollout/workload.ts";
import { awaitRollout } from "../../../src/workflow/rollout/await-rollout.ts";
import { FakeWorkloads } from "../../fakes/fake-workloads.ts";
import { HeldClock } from "../../fakes/held-clock.ts";
import { facts } from "../../fakes/rollout-objects.ts";

const target = { release: "migrate-platform", namespace: "client-acme" };

/** A rollout being awaited, with everything it showed and how it ended. */
export function started({ deadline = 600_000, expects = [] as readonly string[], lastResort = false } = {}) {
  const workloads = new FakeWorkloads();
  const clock = new HeldClock();
  const views: (readonly string[])[] = [];
  const controller = new AbortController();
  const begin = async () => {
    const waiting = awaitRollout(
      { workloads, clock },
      { ...target, expects, lastResort },
      { onView: (lines) => views.push(lines) },
      controller.signal,
      deadline,
    );
    const ended = waiting.then(
      (result) => ({ result, problem: undefined }),
      (problem: unknown) => {
        if (!(problem instanceof Problem)) throw problem;
        return { result: undefined, problem };
      },
    );
    // The first look is done before time moves.
    await clock.advance(0);
    return { ended };
  };
  /** Changes the release and lets whoever watches it hear of that before time moves. */
  const change = async (over: Partial<RolloutFacts>) => {
    workloads.release.facts = facts(over);
    await clock.advance(0);
  };
  return { workloads, clock, views, controller, begin, change };
}
