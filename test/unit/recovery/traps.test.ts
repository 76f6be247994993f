import { describe, expect, it } from "vitest";
import { formatInstant } from "../../../src/domain/recovery/instant.ts";
import { factsWithout, now, repository, time } from "./four-timelines.ts";
import { at, full, refused, resolve } from "./resolving.ts";
import { restoreOptions } from "./restore-options.ts";

describe("the traps of point-in-time recovery", () => {
  it("1: a time before the first backup is refused, with the first moment that can be reached", () => {
    const problem = refused(at("07:13:13"));
    expect([problem.code, problem.exit]).toEqual(["RECOVERY_OUT_OF_WINDOW", "recovery"]);
    expect(problem.message).toBe(
      "The database cannot be recovered to 2026-11-25T07:13:13Z: it lies before the first backup that leads there. " +
        "Of what can be reached, the first after it is 2026-11-25T07:13:14.903807Z (timeline 1).",
    );
    expect(problem.fix).toBe("Choose --to-time 2026-11-25T07:13:14.903807Z.");
    expect(problem.data).toMatchObject({ reason: "before the first backup", before: null, after: { timeline: 1, lsn: "0/2000120" } });
  });

  it("2: a time in the future is refused", () => {
    const problem = refused(at("07:20:00"));
    expect(problem.data).toMatchObject({ reason: "future", before: { at: "2026-11-25T07:14:29.623579Z", timeline: 4 }, after: null });
  });

  it("3: on a quiet database a time after the last commit is refused, and the last commit itself is named by its LSN", () => {
    const problem = refused(at("07:14:29.623580"));
    expect(problem.data).toMatchObject({ reason: "after the last archived WAL", timeline: 4 });
    expect(problem.fix).toBe(
      "Choose --to-time 2026-11-25T07:14:29.623579Z. It is archived within minutes, and a restore without --dry-run archives it first.",
    );
    expect(restoreOptions(resolve(at("07:14:29.623579")))).toEqual([
      "--set=20261125-071422F",
      "--type=lsn",
      "--target=0/12001B10",
      "--target-timeline=4",
    ]);
  });

  it("4 and 5: a time goes out in pgBackRest's form and with its offset", () => {
    expect(restoreOptions(resolve(at("07:13:16.5")))).toEqual([
      `--set=${full}`,
      "--type=time",
      "--target=2026-11-25 07:13:16.500000+00",
      "--target-timeline=1",
    ]);
  });

  it("6: undoing a restore goes along the timeline that was left, by number, and says what it costs", () => {
    const found = resolve(at("07:13:35"));
    expect([found.timeline, found.set.label, found.type]).toEqual([1, `${full}_20261125-071325I`, "time"]);
    expect(found.window).toMatchObject({ timeline: 1, living: false, endsBecause: "abandoned" });
    expect(found.notes).toEqual([
      "This is on timeline 1, which was abandoned at 0/A0057A0: it can be recovered, without what timeline 4 has written since.",
    ]);
    // Timelines 1 and 4 part at the last commit before 0/A0057A0: all that the living history wrote since is lost.
    expect(formatInstant(found.expectedLoss.after)).toBe("2026-11-25T07:13:29.353585Z");
    expect(formatInstant(found.expectedLoss.until)).toBe(formatInstant(now));
  });

  it("7: a time behind a missing segment is refused until the next backup, though the archive goes on", () => {
    const facts = factsWithout("000000010000000000000008-");
    const problem = refused(at("07:13:25"), facts);
    expect(problem.message).toBe(
      "The database cannot be recovered to 2026-11-25T07:13:25Z: WAL segment 000000010000000000000008 of timeline 1 is missing from the archive. " +
        "Of what can be reached, the last before it is 2026-11-25T07:13:24.445643Z (timeline 1) and the first after it is 2026-11-25T07:13:26.342125Z (timeline 1).",
    );
    expect(problem.data).toMatchObject({ reason: "hole", hole: { firstName: "000000010000000000000008" } });
    expect(resolve(at("07:13:27"), facts).set.label).toBe(`${full}_20261125-071325I`);
    expect(resolve(at("07:13:24.445643"), facts)).toMatchObject({
      type: "lsn",
      notes: ["Nothing later can be reached: WAL segment 000000010000000000000008 of timeline 1 is missing from the archive."],
    });
  });

  it("13: the newest backup before the time is passed over when its timeline was abandoned", () => {
    const found = resolve(at("07:14:19"));
    const newest = repository.sets.filter((set) => set.finishedAt < time("2026-11-25T07:14:19Z")).at(-1);
    expect(newest).toMatchObject({ label: "20261125-071409F", timeline: 3 });
    expect([found.set.label, found.timeline, found.notes]).toEqual([`${full}_20261125-071342I`, 4, []]);
    expect(found.window).toMatchObject({ timeline: 4, living: true, endsBecause: "now" });
  });
});
