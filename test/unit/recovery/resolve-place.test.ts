import { describe, expect, it } from "vitest";
import { formatInstant } from "../../../src/domain/recovery/instant.ts";
import { formatLsn } from "../../../src/domain/recovery/lsn.ts";
import { factsWithout, time } from "./four-timelines.ts";
import { full, lsn, refused, resolve } from "./resolving.ts";
import { restoreOptions } from "./restore-options.ts";

describe("an LSN", () => {
  it("is looked for on the living history", () => {
    const found = resolve({ kind: "lsn", lsn: lsn("0/B000100") });
    expect([found.set.label, found.timeline, found.target, found.window.timeline]).toEqual([`${full}_20261125-071325I`, 4, "0/B000100", 2]);
  });

  it("that only other timelines have is refused with their numbers", () => {
    const problem = refused({ kind: "lsn", lsn: lsn("0/14000100") });
    expect(problem.fix).toBe("Give the timeline: --timeline 3.");
    expect(resolve({ kind: "lsn", lsn: lsn("0/14000100") }, undefined, { timeline: 3 }).set.label).toBe("20261125-071409F");
  });

  it("outside of every window is refused with the nearest ones", () => {
    expect(refused({ kind: "lsn", lsn: lsn("0/100") }).data).toMatchObject({
      reason: "before the first backup",
      after: { lsn: "0/2000120" },
    });
    expect(refused({ kind: "lsn", lsn: lsn("1/0") }).data).toMatchObject({
      reason: "after the last archived WAL",
      before: { lsn: "0/12001B10" },
    });
    const facts = factsWithout("00000004000000000000000F-");
    expect(refused({ kind: "lsn", lsn: lsn("0/F000100") }, facts).data).toMatchObject({ reason: "hole", hole: { timeline: 4, first: 15 } });
  });
});

describe("a restore point", () => {
  const point = { name: "before_migration", timeline: 1, lsn: lsn("0/7001440"), at: time("2026-11-25T07:13:22Z") };

  it("is resolved to a set before it, on the living history, and to its place: the name may stand in the WAL more than once", () => {
    const found = resolve({ kind: "name", name: "before_migration" }, undefined, { restorePoints: [point] });
    expect(restoreOptions(found)).toEqual([`--set=${full}_20261125-071319D`, "--type=lsn", "--target=0/7001440", "--target-timeline=4"]);
  });

  it("of which the timeline has several of the same name is the last one", () => {
    const restorePoints = [point, { ...point, lsn: lsn("0/6001000") }];
    const found = resolve({ kind: "name", name: "before_migration" }, undefined, { restorePoints });
    expect([found.target, found.set.label]).toEqual(["0/7001440", `${full}_20261125-071319D`]);
  });

  it("of which several timelines have one is refused without the timeline, and with it is that timeline's own", () => {
    const other = { ...point, timeline: 3, lsn: lsn("0/10000100") };
    const problem = refused({ kind: "name", name: "before_migration" }, undefined, { restorePoints: [point, other] });
    expect([problem.code, problem.exit, problem.fix]).toEqual([
      "RESTORE_POINT_AMBIGUOUS",
      "usage",
      "Give the timeline: --timeline 1 or --timeline 3.",
    ]);
    const on = (timeline: number) =>
      resolve({ kind: "name", name: "before_migration" }, undefined, { restorePoints: [other, point], timeline }).target;
    expect([on(1), on(3), on(4)]).toEqual(["0/7001440", "0/10000100", "0/7001440"]);
  });

  it("on an abandoned timeline is reached there, and says so", () => {
    const restorePoints = [{ ...point, timeline: 3, lsn: lsn("0/10000100") }];
    const found = resolve({ kind: "name", name: "before_migration" }, undefined, { restorePoints });
    expect([found.timeline, found.notes.length]).toEqual([3, 1]);
  });

  it("that is not there, or not reachable, is refused", () => {
    expect(refused({ kind: "name", name: "x" }, undefined, { restorePoints: [point] }).message).toContain(
      "the archive holds no restore point of that name; it has before_migration",
    );
    const early = [{ ...point, lsn: lsn("0/1000028") }];
    expect(refused({ kind: "name", name: "before_migration" }, undefined, { restorePoints: early }).data).toMatchObject({
      reason: "before the first backup",
    });
    const facts = factsWithout("000000010000000000000006-");
    const hole = { restorePoints: [point] };
    expect(refused({ kind: "name", name: "before_migration" }, facts, hole).data).toMatchObject({ reason: "hole" });
  });
});

describe("a backup", () => {
  it("is resolved to the end of that very set, whose timeline pgBackRest does not want to be told", () => {
    const found = resolve({ kind: "backup", label: "20261125-071409F" });
    expect(restoreOptions(found)).toEqual(["--set=20261125-071409F", "--type=immediate"]);
    expect([found.timeline, found.target, formatInstant(found.at), formatLsn(found.lsn)]).toEqual([
      3,
      undefined,
      "2026-11-25T07:14:12Z",
      "0/12000158",
    ]);
  });

  it("whose own WAL is not in the archive is refused", () => {
    const problem = refused({ kind: "backup", label: "20261125-071409F" }, factsWithout("000000030000000000000012-"));
    expect([problem.code, problem.exit]).toEqual(["WAL_MISSING", "recovery"]);
    expect(problem.message).toBe(
      "Backup 20261125-071409F needs the segments 000000030000000000000012 to 000000030000000000000012, but WAL segment 000000030000000000000012 of timeline 3 is missing from the archive.",
    );
    const last = factsWithout("000000040000000000000010-", "000000040000000000000011-", "000000040000000000000012-");
    expect(refused({ kind: "backup", label: "20261125-071422F" }, last).message).toContain(
      "but the archive ends before 000000040000000000000010.",
    );
  });

  it("is not taken along another timeline", () => {
    expect(refused({ kind: "backup", label: full }, undefined, { timeline: 3 }).fix).toBe("Give the timeline: --timeline 1.");
    expect(refused({ kind: "backup", label: "none" }).code).toBe("BACKUP_UNKNOWN");
  });
});

describe("the newest commit", () => {
  it("is that of the living timeline, by its LSN and number, never by `latest`", () => {
    expect(restoreOptions(resolve({ kind: "latest" }))).toEqual([
      "--set=20261125-071422F",
      "--type=lsn",
      "--target=0/12001B10",
      "--target-timeline=4",
    ]);
    expect(restoreOptions(resolve({ kind: "latest" }, undefined, { timeline: 2 }))).toEqual([
      `--set=${full}_20261125-071342I`,
      "--type=lsn",
      "--target=0/E004670",
      "--target-timeline=2",
    ]);
  });

  it("before a hole is what can be had, and the hole is told", () => {
    const found = resolve({ kind: "latest" }, factsWithout("000000040000000000000011-"));
    expect([found.type, found.set.label]).toEqual(["immediate", "20261125-071422F"]);
    expect(found.notes).toEqual([
      "Nothing later can be reached: WAL segment 000000040000000000000011 of timeline 4 is missing from the archive.",
      "No commit can be replayed after the backup: this is the end of the backup itself.",
    ]);
  });

  it("of a timeline that is not in the archive yet is refused", () => {
    expect(refused({ kind: "latest" }, { ...factsWithout(), living: 5 }).data).toMatchObject({ reason: "timeline unknown", timeline: 5 });
    expect(refused({ kind: "latest" }, { ...factsWithout(), sets: [] }).data).toMatchObject({ reason: "nothing" });
  });
});
