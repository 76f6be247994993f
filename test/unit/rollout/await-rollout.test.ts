import { describe, expect, it } from "vitest";
import { Problem } from "../../../src/domain/errors/problem.ts";
import type { RolloutFacts } from "../../../src/domain/rollout/workload.ts";
import { awaitRollout } from "../../../src/workflow/rollout.ts";
import { FakeWorkloads } from "../../fakes/fake-workloads.ts";
import { HeldClock } from "../../fakes/held-clock.ts";
import { container, deployment, facts, podOf, ready, statefulSet } from "../../fakes/rollout-objects.ts";

const target = { release: "migrate-platform", namespace: "client-acme" };

/** A rollout being awaited, with everything it showed and how it ended. */
function started({ deadline = 600_000, expects = [] as readonly string[] } = {}) {
  const workloads = new FakeWorkloads();
  const clock = new HeldClock();
  const views: (readonly string[])[] = [];
  const controller = new AbortController();
  const begin = async () => {
    const waiting = awaitRollout(
      { workloads, clock },
      { ...target, expects },
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

const backend = deployment("backend");
const crashing = (restarts: number) =>
  podOf(backend, {
    containers: [
      container({
        restarts,
        phase: { kind: "waiting", reason: "CrashLoopBackOff", message: "" },
        last: { exitCode: 1, reason: "Error", message: "" },
      }),
    ],
  });
const pulling = (message: string) =>
  podOf(backend, { containers: [container({ phase: { kind: "waiting", reason: "ImagePullBackOff", message } })] });

describe("awaitRollout", () => {
  it("ends when every workload is ready, and shows the table only when it changed", async () => {
    const { clock, views, begin, change } = started();
    await change({ workloads: [backend, statefulSet("redis", ready)] });
    const { ended } = await begin();
    await clock.advance(10_000);
    await change({ workloads: [{ ...backend, ...ready }, statefulSet("redis", ready)] });
    await clock.advance(2_000);
    const { result } = await ended;
    expect(result?.components.map((one) => one.state)).toEqual(["ready", "ready"]);
    expect(result?.seconds).toBeGreaterThanOrEqual(10);
    expect(views).toHaveLength(2);
  });

  it("does not take an empty namespace, a stale generation or an absent workload for readiness", async () => {
    const { workloads, clock, begin, change } = started({ expects: ["Deployment/backend", "StatefulSet/redis"] });
    const { ended } = await begin();
    await clock.advance(3_000);
    await change({ workloads: [{ ...backend, ...ready, generation: 2 }] });
    await clock.advance(3_000);
    await change({ workloads: [{ ...backend, ...ready }] });
    await clock.advance(3_000);
    const looks = workloads.looks;
    await change({ workloads: [{ ...backend, ...ready }, statefulSet("redis", ready)] });
    await clock.advance(3_000);
    expect((await ended).result).toBeDefined();
    expect(looks).toBeGreaterThanOrEqual(3);
  });

  it("waits for pods of the old revision to go", async () => {
    const { clock, begin, change } = started({ deadline: 20_000 });
    await change({ workloads: [{ ...backend, ...ready, existing: 2 }] });
    const { ended } = await begin();
    await clock.advance(30_000);
    expect((await ended).problem).toMatchObject({ code: "ROLLOUT_FAILED" });
  });

  it("gives up early on an image that is not there, after it has stayed for its time", async () => {
    const { clock, begin, change } = started();
    await change({ workloads: [backend], pods: [pulling("manifest unknown")] });
    const { ended } = await begin();
    const start = clock.now().getTime();
    const { problem } = await clock.during(ended);
    const seconds = (clock.now().getTime() - start) / 1000;
    expect(seconds).toBeGreaterThanOrEqual(30);
    expect(seconds).toBeLessThanOrEqual(35);
    expect(problem).toMatchObject({ code: "ROLLOUT_FAILED", fix: expect.stringContaining("migratectl bundle push") });
  });

  it("does not give up when the trouble goes away in between, or may heal by itself", async () => {
    const { clock, begin, change } = started();
    await change({ workloads: [backend], pods: [pulling("manifest unknown")] });
    const { ended } = await begin();
    await clock.advance(20_000);
    await change({ workloads: [backend], pods: [pulling("dial tcp: i/o timeout")] });
    await clock.advance(60_000);
    await change({ workloads: [backend], pods: [pulling("manifest unknown")] });
    await clock.advance(20_000);
    await change({ workloads: [{ ...backend, ...ready }] });
    await clock.advance(2_000);
    expect((await ended).result).toBeDefined();
  });

  it("gives up on a crash loop only from the third restart on, and shows its last lines", async () => {
    const { workloads, clock, begin, change } = started();
    workloads.release.logs = new Map([["backend-x2x4z/main/current", ["FATAL: no licence"]]]);
    await change({ workloads: [backend], pods: [crashing(2)] });
    const { ended } = await begin();
    await clock.advance(120_000);
    await change({ workloads: [backend], pods: [crashing(3)] });
    await clock.advance(2_000);
    const { problem } = await ended;
    expect(problem).toMatchObject({ code: "ROLLOUT_FAILED", message: expect.stringContaining("FATAL: no licence") });
  });

  it("does not blame a crash that follows from a database that is still starting", async () => {
    const { clock, begin, change } = started();
    const pgbouncer = deployment("pgbouncer");
    await change({ workloads: [backend, pgbouncer], pods: [crashing(5)] });
    const { ended } = await begin();
    await clock.advance(120_000);
    await change({
      workloads: [
        { ...backend, ...ready },
        { ...pgbouncer, ...ready },
      ],
    });
    await clock.advance(2_000);
    expect((await ended).result).toBeDefined();
  });

  it("tells the root cause when the deadline has passed", async () => {
    const { clock, begin, change } = started({ deadline: 60_000 });
    const pod = podOf(backend, {
      conditions: [
        { type: "PodScheduled", status: "False", reason: "Unschedulable", message: "0/1 nodes are available: 1 Insufficient cpu." },
      ],
    });
    await change({ workloads: [backend], pods: [pod] });
    const { ended } = await begin();
    await clock.advance(70_000);
    const { problem } = await ended;
    expect(problem?.message).toBe("backend (Pod/backend-x2x4z): no node takes the pod (1 of 1: Insufficient cpu); not ready after 60 s");
  });

  it("outlives an API server that restarts, and not one that stays away for a minute", async () => {
    const gone = (count: number) => Array.from({ length: count }, () => new Problem("CLUSTER_UNREACHABLE", { what: "connection refused" }));
    const short = started();
    short.workloads.release.facts = facts({ workloads: [{ ...backend, ...ready }] });
    short.workloads.release.failures = gone(25);
    const { ended: healed } = await short.begin();
    await short.clock.advance(40_000);
    expect((await healed).result).toBeDefined();

    const long = started();
    long.workloads.release.failures = gone(100);
    const { ended: lost } = await long.begin();
    await long.clock.advance(65_000);
    expect((await lost).problem).toMatchObject({ code: "CLUSTER_UNREACHABLE" });
    expect(long.workloads.looks).toBeLessThan(50);
  });

  it("ends a quarter of a second after the last change, without waiting for the clock", async () => {
    const { clock, begin, change } = started();
    await change({ workloads: [backend] });
    const { ended } = await begin();
    await clock.advance(7_100);
    await change({ workloads: [{ ...backend, ...ready }] });
    await clock.advance(250);
    expect((await ended).result?.seconds).toBeCloseTo(7.35);
  });

  it("looks once for a chain of changes, and seldom while nothing changes", async () => {
    const { workloads, clock, controller, begin, change } = started();
    const { ended } = await begin();
    const first = workloads.looks;
    for (let existing = 0; existing < 20; existing += 1) {
      await change({ workloads: [{ ...backend, existing }] });
      await clock.advance(10);
    }
    await clock.advance(100);
    const afterChain = workloads.looks - first;
    await clock.advance(60_000);
    expect(afterChain).toBe(1);
    expect(workloads.looks - first - afterChain).toBeLessThanOrEqual(13);
    controller.abort(new Problem("CANCELLED", { what: "enough" }));
    await ended;
  });

  it("comes to its end by the clock when the watch tells nothing", async () => {
    const { workloads, clock, begin, change } = started();
    workloads.release.watchable = false;
    workloads.release.facts = facts({ workloads: [backend] });
    const { ended } = await begin();
    await clock.advance(7_000);
    await change({ workloads: [{ ...backend, ...ready }] });
    await clock.advance(5_000);
    expect((await ended).result?.seconds).toBe(10);
  });

  it("ends its watch with itself, however it ended", async () => {
    const well = started();
    well.workloads.release.facts = facts({ workloads: [{ ...backend, ...ready }] });
    await (await well.begin()).ended;
    const badly = started({ deadline: 1_000 });
    await badly.clock.during((await badly.begin()).ended);
    expect([well.workloads.release.watchers.size, badly.workloads.release.watchers.size]).toEqual([0, 0]);
  });

  it("tells the root cause, too, when --timeout passes first", async () => {
    const { clock, controller, begin, change } = started();
    await change({ workloads: [backend], pods: [pulling("dial tcp: i/o timeout")] });
    const { ended } = await begin();
    await clock.advance(20_000);
    const passed = new Problem("DEADLINE", { what: "--timeout of 20 s has passed" });
    controller.abort(passed);
    const { problem } = await ended;
    expect(problem).toMatchObject({ code: "ROLLOUT_FAILED", message: expect.stringContaining("cannot reach the registry") });
    expect(problem?.cause).toBe(passed);
    expect(problem?.message).toContain("not ready when the --timeout of 20 s has passed");
  });

  it("ends at once when it is cancelled", async () => {
    const { clock, controller, begin, change } = started();
    await change({ workloads: [backend] });
    const { ended } = await begin();
    await clock.advance(3_000);
    controller.abort(new Problem("CANCELLED", { what: "stopped by Ctrl-C" }));
    expect((await ended).problem).toMatchObject({ code: "CANCELLED" });
  });
});
