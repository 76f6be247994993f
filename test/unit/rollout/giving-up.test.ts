import { describe, expect, it } from "vitest";
import { Problem } from "../../../src/domain/errors/problem.ts";
import { known } from "../../../src/domain/reading.ts";
import { ago, container, deployment, podOf, ready, warning } from "../../fakes/rollout-objects.ts";
import { started } from "./started.ts";

const backend = deployment("backend");
const backendImage = container().image;
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

describe("giving a rollout up", () => {
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

  it("gives up ten times as late where nothing is left to fall back on", async () => {
    const { clock, begin, change } = started({ lastResort: true });
    await change({ workloads: [backend], pods: [pulling("manifest unknown")] });
    const { ended } = await begin();
    const start = clock.now().getTime();
    expect((await clock.during(ended)).problem).toMatchObject({ code: "ROLLOUT_FAILED" });
    const seconds = (clock.now().getTime() - start) / 1000;
    expect(seconds).toBeGreaterThanOrEqual(300);
    expect(seconds).toBeLessThanOrEqual(310);
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

  describe("where an earlier installation has failed, and Kubernetes tries again but seldom", () => {
    const refused = (seconds: number) => ({
      workloads: [deployment("backend", { existing: 0, updated: 0 })],
      events: known([warning("ReplicaSet", "backend-5d9c7b", "FailedCreate", "exceeded quota: tenant", { at: ago(seconds) })]),
    });
    const unpulled = (seconds: number) => ({
      workloads: [backend],
      pods: [pulling("manifest unknown")],
      events: known([warning("Pod", "backend-x2x4z", "Failed", `Failed to pull image "${backendImage}"`, { at: ago(seconds) })]),
    });
    const unconfigured = (seconds: number) => {
      const message = 'secret "app-secrets" not found';
      const phase = { kind: "waiting", reason: "CreateContainerConfigError", message } as const;
      return {
        workloads: [backend],
        pods: [podOf(backend, { containers: [container({ phase })] })],
        events: known([warning("Pod", "backend-x2x4z", "Failed", `Error: ${message}`, { at: ago(seconds) })]),
      };
    };

    it.each([
      ["refused pods", refused],
      ["an image", unpulled],
      ["a missing Secret", unconfigured],
    ])("waits with %s until it has failed anew", async (_, failing) => {
      const { clock, begin, change } = started();
      await change(failing(600));
      const { ended } = await begin();
      await clock.advance(300_000);
      const before = await Promise.race([ended, Promise.resolve("still waiting")]);
      await change(failing(1));
      await clock.advance(1_000);
      expect(before).toBe("still waiting");
      expect((await ended).problem).toMatchObject({ code: "ROLLOUT_FAILED", message: expect.stringContaining("will not heal by itself") });
    });

    it("does not wait for a class that is missing, which the cluster tells at every look", async () => {
      const { clock, begin, change } = started();
      const claim = { name: "data", phase: "Pending", storageClass: "gold", requested: "1Gi", createdAt: ago(600) } as const;
      await change({ workloads: [backend], pods: [podOf(backend, { claims: ["data"] })], claims: known([claim]) });
      const { ended } = await begin();
      await clock.advance(31_000);
      expect((await ended).problem).toMatchObject({ code: "ROLLOUT_FAILED", message: expect.stringContaining('StorageClass "gold"') });
    });
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

  it("tells the root cause, too, when --timeout passes first", async () => {
    const { clock, controller, begin, change } = started();
    await change({ workloads: [backend], pods: [pulling("dial tcp: i/o timeout")] });
    const { ended } = await begin();
    await clock.advance(20_000);
    controller.abort(new Problem("DEADLINE", { what: "--timeout of 20 s has passed" }));
    const { problem } = await ended;
    expect(problem).toMatchObject({ code: "ROLLOUT_FAILED", message: expect.stringContaining("cannot reach the registry") });
  });
});
