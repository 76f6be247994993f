import { describe, expect, it } from "vitest";
import { Problem } from "../../../src/domain/errors/problem.ts";
import { deployment, facts, ready, statefulSet } from "../../fakes/rollout-objects.ts";
import { started } from "./started.ts";

const backend = deployment("backend");

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

  it("ends at once when it is cancelled", async () => {
    const { clock, controller, begin, change } = started();
    await change({ workloads: [backend] });
    const { ended } = await begin();
    await clock.advance(3_000);
    controller.abort(new Problem("CANCELLED", { what: "stopped by Ctrl-C" }));
    expect((await ended).problem).toMatchObject({ code: "CANCELLED" });
  });
});
