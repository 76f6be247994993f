import { describe, expect, it } from "vitest";
import { restorePresenter } from "../../../src/cli/presenters/restore-result.ts";
import { createStyle } from "../../../src/cli/presenters/style.ts";
import { failure } from "../../fakes/failure.ts";
import { Power } from "../../fakes/power.ts";
import { Rig, target } from "./rig.ts";

describe("Redis, when the database is brought to a moment", () => {
  it("is brought to the snapshot that the database holds there, and it is told how far before the moment that lies", async () => {
    const rig = await Rig.installed();
    const result = await rig.restore().outcome;
    expect(rig.database.redis).toBe("jobs of the moment");
    expect(result.redis).toEqual({ from: "snapshot", asOf: "2025-12-31T23:48:00Z", secondsBefore: 720, keys: 18 });
    expect(rig.reached).toContainEqual(expect.stringContaining("redis pass: as of 2025-12-31T23:48:00Z, 12 min 00 s before the moment"));
    expect(restorePresenter.text({ ...result, profile: undefined }, createStyle(false))).toContain(
      "Redis  as of 2025-12-31T23:48:00Z, 12 min 00 s before the moment, 18 keys; jobs queued since are gone, jobs done since may be done again",
    );
    // What the agent took along with the full backup afterwards.
    expect(rig.database.directories.get("17-r1")?.redis).toBe("jobs of the moment");
  });

  it("is brought back by undoing to what it was right before the restore, and that in its turn is kept", async () => {
    const rig = await Rig.installed();
    await rig.restore().outcome;
    rig.database.redis = "jobs of later";
    const undone = await rig.undo().outcome;
    expect(rig.database.redis).toBe("jobs of now");
    expect(undone.redis).toMatchObject({ from: "snapshot", keys: 11 });
    expect(undone.redis).not.toHaveProperty("secondsBefore");
    expect(rig.database.directories.get("17-r1")?.redis).toBe("jobs of later");
  });

  it("is emptied, and that is told, where the database held no snapshot of it", async () => {
    const rig = await Rig.installed();
    rig.database.redisAtTarget = undefined;
    const { redis, checks } = await rig.restore().outcome;
    expect([rig.database.redis, redis]).toEqual(["", { from: "none", keys: 0 }]);
    expect(checks.find(({ id }) => id === "redis")).toMatchObject({ verdict: "warn" });
  });

  it.each([
    { redis: "empty", holds: "", told: { from: "empty", keys: 0 } },
    { redis: "keep", holds: "jobs of now", told: { from: "keep" } },
  ] as const)("with --redis $redis is what was asked for", async ({ redis, holds, told }) => {
    const rig = await Rig.installed();
    expect((await rig.restore({ redis }).outcome).redis).toEqual(told);
    expect(rig.database.redis).toBe(holds);
    // The agent takes snapshots again.
    expect(rig.database.directories.get("17-r1")?.redis).toBe(holds);
    await rig.undo({ redis }).outcome;
    expect(rig.database.redis).toBe(holds);
  });

  it("stays as it is with images that know nothing of it", async () => {
    const rig = await Rig.installed();
    rig.database.keepsRedis = false;
    const { outcome, progress } = rig.restore();
    expect(await outcome).not.toHaveProperty("redis");
    expect(rig.database.redis).toBe("jobs of now");
    expect(progress.notes).toContain("The images of this release keep no snapshot of Redis: it stays as it is.");
  });

  it("that does not fit keeps the restored database, and the same command goes on with another choice", async () => {
    const rig = await Rig.installed();
    const before = rig.database.inService;
    rig.database.redisFailure = "REDIS_NO_ROOM";
    const problem = await failure(rig.restore().outcome);
    expect(problem).toMatchObject({ code: "REDIS_NO_ROOM", fix: expect.stringContaining("--redis keep") });
    expect(rig.database).toMatchObject({ rows: 7, redis: "jobs of now" });
    await rig.restore({ targetGiven: false, redis: "keep" }).outcome;
    expect(rig.database).toMatchObject({ rows: 7, redis: "jobs of now", inService: before });
  });

  it("of which no snapshot can be taken before does not keep the database from its moment; it is told", async () => {
    const rig = await Rig.installed();
    rig.database.redisUnreachable = "Redis at redis does not answer";
    const { outcome, progress } = rig.restore();
    await outcome;
    expect(progress.notes).toContainEqual(expect.stringContaining("Redis at redis does not answer"));
    expect(rig.database.directories.get("17-first")?.redis).toBe("jobs of an hour ago");
  });

  it("is taken along again once a restore that failed has brought the old data back", async () => {
    const rig = await Rig.installed();
    // The database that starts on the restored data is not the one that it should be.
    expect(await failure(rig.restore({ target: { ...target, timeline: 9 } }).outcome)).toMatchObject({ code: "RUN_UNDONE" });
    expect(rig.database.current).toBe("17-first");
    rig.database.redis = "jobs of later";
    await rig.database.host.ask("full", "somebody", AbortSignal.timeout(1000));
    expect(rig.database.directories.get("17-first")?.redis).toBe("jobs of later");
  });

  it("is not overwritten by a run that was cut off after it had done its work but for the journal", async () => {
    const rig = await Rig.installed();
    const first = rig.restore({ power: new Power("releaseRedis", "after") });
    await first.outcome.catch(() => undefined);
    rig.kill(first.run);
    rig.database.redis = "jobs of the moment, one done";
    await rig.database.host.ask("full", "agent", AbortSignal.timeout(1000));
    await rig.restore().outcome;
    expect(rig.database.redis).toBe("jobs of the moment, one done");
  });
});
