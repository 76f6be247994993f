import { describe, expect, it } from "vitest";
import { failure } from "../../fakes/failure.ts";
import { failedOutcome } from "../../fakes/fake-scratch.ts";
import { Power } from "../../fakes/power.ts";
import { moment, Rig } from "./rig.ts";

const other = { ...moment, target: { ...moment.target, value: "2026-01-02 02:00:00.000000+00" } };

describe("a drill", () => {
  it("restores beside the database, measures, leaves nothing behind, and is recorded with its figures", async () => {
    const rig = await Rig.installed();
    const { outcome, progress } = rig.drill({ thorough: true });
    expect(await outcome).toMatchObject({ kind: "passed", outcome: { rtoSeconds: 4, rpoSeconds: 42 } });
    expect(rig.world.started).toMatchObject([
      {
        purpose: "drill",
        args: [
          ...["drill", "--by", "anna@jump-1", "--thorough", "--newest", "2026-01-02 03:03:00.000000+00"],
          ...["20260101-000000F", "1", "time", "2026-01-02 03:00:00.000000+00"],
        ],
        bytes: 1_200_000_000 + 2 * 1024 ** 3,
      },
    ]);
    expect(progress.ids("done")).toEqual(["drill"]);
    expect(rig.world.jobs.size).toBe(0);
    expect(rig.record()).toMatchObject([
      {
        workflow: "drill",
        outcome: "succeeded",
        by: { host: "anna@jump-1" },
        figures: { rtoSeconds: 4, rpoSeconds: 42, bytes: 24_000_000 },
      },
    ]);
  });

  it("under --dry-run tells the moment and the room that it needs, and touches nothing", async () => {
    const rig = await Rig.installed();
    const before = rig.objects.snapshot();
    expect(await rig.drill({ dryRun: true }).outcome).toMatchObject({ kind: "planned", moment });
    expect([rig.world.started, rig.objects.snapshot()]).toEqual([[], before]);
  });

  it("that finds something wrong ends with an error of its own, tells what, and is recorded as failed with its figures", async () => {
    const rig = await Rig.installed();
    rig.world.tells = failedOutcome;
    expect(await failure(rig.drill().outcome)).toMatchObject({
      code: "DRILL_FAILED",
      exit: "recovery",
      message: "what was recovered is not what it should be; indexes: not valid: migration.pattern_embedding",
    });
    expect(rig.world.jobs.size).toBe(0);
    expect(rig.record()).toMatchObject([
      { outcome: "failed", failure: { action: "drill", code: "DRILL_FAILED" }, figures: { rtoSeconds: 4 } },
    ]);
  });

  it("whose pod is lost has failed, too", async () => {
    const rig = await Rig.installed();
    rig.world.tells = "OOMKilled";
    expect(await failure(rig.drill().outcome)).toMatchObject({ code: "DRILL_FAILED", message: expect.stringContaining("OOMKilled") });
    expect(rig.record()).toMatchObject([{ outcome: "failed" }]);
  });

  it("for which the node has no room says what the scheduler says, and clears away", async () => {
    const rig = await Rig.installed();
    rig.world.unschedulable = "0/1 nodes are available: 1 Insufficient memory.";
    expect(await failure(rig.drill().outcome)).toMatchObject({
      code: "SCRATCH_UNFIT",
      message: expect.stringContaining("Insufficient memory"),
    });
    expect(rig.world.jobs.size).toBe(0);
    expect(rig.record()).toMatchObject([{ outcome: "failed", failure: { code: "SCRATCH_UNFIT" } }]);
  });

  it("that is on its way is taken up; one to another moment is not put in its place", async () => {
    const rig = await Rig.installed();
    await rig.drill({ power: new Power("start", "after") }).outcome.catch(() => undefined);
    expect(await failure(rig.drill({ moment: other }).outcome)).toMatchObject({ code: "SCRATCH_BUSY", exit: "attention" });
    // Whoever wants any moment is content with the one that is on its way.
    expect(await rig.drill({ moment: other, momentGiven: false }).outcome).toMatchObject({ kind: "passed" });
    expect(rig.world.started).toHaveLength(1);
  });

  it("that is ended from outside is cleared away and not recorded", async () => {
    const rig = await Rig.installed();
    const stop = new AbortController();
    const { outcome } = rig.drill({ signal: stop.signal });
    const reason = new Error("Ctrl-C");
    stop.abort(reason);
    await expect(outcome).rejects.toBe(reason);
    expect((await rig.world.databases.find("drill", AbortSignal.timeout(1000)))?.phase ?? "ending").toBe("ending");
    expect(rig.record()).toEqual([]);
  });
});

describe("kill -9 at any change of a drill", async () => {
  const whole = new Power();
  await (await Rig.installed()).drill({ power: whole }).outcome;
  const cuts = Array.from({ length: whole.changes }, (_, index) => index + 1).flatMap((at) => [
    { at, moment: "before" as const },
    { at, moment: "after" as const },
  ]);

  it("is tried at every change", () => {
    expect(whole.changes).toBe(3);
  });

  it.each(cuts)("cut $moment change $at: the same command ends well, and nothing remains", async ({ at, moment: when }) => {
    const rig = await Rig.installed();
    await rig.drill({ power: new Power(at, when) }).outcome.catch(() => undefined);
    expect(await rig.drill().outcome).toMatchObject({ kind: "passed" });
    expect(rig.world.jobs.size).toBe(0);
    expect(rig.record().at(-1)).toMatchObject({ workflow: "drill", outcome: "succeeded" });
  });
});
