import { describe, expect, it } from "vitest";
import type { ReleaseScope } from "../../../src/ports/cluster-workloads.ts";
import { deployment, job, podOf, ready, statefulSet } from "../../fakes/rollout-objects.ts";
import { until } from "../../sandbox/until.ts";
import type { Scene } from "./scene.ts";

/** Being told of changes. */
export function watchContract(scene: Scene): void {
  describe("watch", () => {
    const watching = (scope: ReleaseScope, as = scene.world.workloads) => {
      const end = new AbortController();
      const calls = { count: 0 };
      as.watch(scope, () => (calls.count += 1), end.signal);
      const since = async (before: number) =>
        until("a change", () => (calls.count > before ? true : undefined), { deadlineMs: 10_000, pauseMs: 10 });
      return { calls, end, since };
    };

    it("calls when a workload or pod of the release comes or changes, of every kind", async () => {
      const scope = await scene.fresh();
      const backend = deployment("backend");
      const { calls, end, since } = watching(scope);
      for (const state of [
        { workloads: [backend] },
        { workloads: [{ ...backend, ...ready }] },
        { pods: [podOf(backend)] },
        { pods: [podOf(backend, { phase: "Running" as const })] },
        { workloads: [statefulSet("postgres")] },
        { workloads: [job("migrations-1")] },
      ]) {
        const before = calls.count;
        await scene.world.put(scope, state);
        await since(before);
      }
      end.abort();
      expect((await scene.rollout(scope)).workloads).toHaveLength(3);
    });

    it("misses nothing that happened before it began to see", async () => {
      const scope = await scene.fresh();
      const seen = await scene.rollout(scope);
      const { calls, end, since } = watching(scope);
      await scene.world.put(scope, { workloads: [deployment("backend")] });
      await since(0);
      end.abort();
      expect(seen.workloads).toHaveLength(0);
      expect(calls.count).toBeGreaterThan(0);
    });

    it("outlives that the API server is restarted", async () => {
      const scope = await scene.fresh();
      await scene.world.put(scope, { workloads: [deployment("backend")] });
      const { calls, end, since } = watching(scope);
      await scene.world.put(scope, { workloads: [deployment("frontend")] });
      await since(0);
      await scene.world.interrupt();
      const before = calls.count;
      await scene.world.put(scope, { workloads: [deployment("worker")] });
      await since(before);
      end.abort();
      expect((await scene.rollout(scope)).workloads).toHaveLength(3);
    });

    it("calls no more once the signal has aborted", async () => {
      const scope = await scene.fresh();
      const [ended, going] = [watching(scope), watching(scope)];
      await scene.world.put(scope, { workloads: [deployment("backend")] });
      await Promise.all([ended.since(0), going.since(0)]);
      ended.end.abort();
      const [before, others] = [ended.calls.count, going.calls.count];
      await scene.world.put(scope, { workloads: [deployment("frontend")] });
      await going.since(others);
      expect(ended.calls.count).toBe(before);
      going.end.abort();
    });

    it("calls on suspicion where it may not watch", async () => {
      const { end, since } = watching(await scene.fresh(), scene.world.restricted);
      await since(0);
      end.abort();
    });
  });
}
