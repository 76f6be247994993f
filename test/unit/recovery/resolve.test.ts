import { describe, expect, it } from "vitest";
import { Problem } from "../../../src/domain/errors/problem.ts";
import { readArchive } from "../../../src/domain/recovery/archive.ts";
import { readListing } from "../../../src/domain/recovery/archive-files.ts";
import { formatInstant } from "../../../src/domain/recovery/instant.ts";
import { defaultSegmentBytes, formatLsn, type Lsn, parseLsn } from "../../../src/domain/recovery/lsn.ts";
import type { RecoveryFacts } from "../../../src/domain/recovery/reach.ts";
import { resolveTarget } from "../../../src/domain/recovery/resolve.ts";
import type { ResolveContext, ResolvedTarget } from "../../../src/domain/recovery/resolved.ts";
import { restoreOptions } from "../../../src/domain/recovery/restore-options.ts";
import type { RecoveryTarget } from "../../../src/domain/recovery/target.ts";
import { surveyRecovery } from "../../../src/domain/recovery/windows.ts";
import { factsWithout, histories, listing, now, repository, time } from "./four-timelines.ts";

const full = "20261125-071313F";
const lsn = (text: string): Lsn => {
  const found = parseLsn(text);
  if (found === undefined) throw new Error(`${text} is no LSN`);
  return found;
};
const at = (clock: string): RecoveryTarget => ({ kind: "time", at: time(`2026-11-25T${clock}Z`) });

function contextOf(facts: RecoveryFacts = factsWithout(), more: Partial<ResolveContext> = {}): ResolveContext {
  return { survey: surveyRecovery(facts), repository, restorePoints: [], now, ...more };
}

function resolve(target: RecoveryTarget, facts?: RecoveryFacts, more?: Partial<ResolveContext>): ResolvedTarget {
  return resolveTarget(target, contextOf(facts, more));
}

function refused(target: RecoveryTarget, facts?: RecoveryFacts, more?: Partial<ResolveContext>): Problem {
  try {
    resolve(target, facts, more);
  } catch (error) {
    if (error instanceof Problem) return error;
    throw error;
  }
  throw new Error("nothing was refused");
}

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
    expect(problem.fix).toBe("Choose --to-time 2026-11-25T07:14:29.623579Z. Or switch the WAL segment and try again when it is archived.");
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

describe("a time", () => {
  it("between two timelines is refused, with the last commit of the one and the first of the other", () => {
    const problem = refused(at("07:13:55"));
    expect(problem.message).toContain(
      "it lies after the last commit of timeline 2 and before the first of timeline 3: nothing was written then.",
    );
    expect(problem.data).toMatchObject({
      reason: "between two timelines",
      before: { timeline: 2, at: "2026-11-25T07:13:53.267186Z" },
      after: { timeline: 3, at: "2026-11-25T07:13:56.989384Z" },
    });
  });

  it("is looked for on the timeline that is asked for, which wins over the one that was written, and shows its state at the fork in between", () => {
    const found = resolve(at("07:13:55"), undefined, { timeline: 4 });
    expect([found.timeline, found.type, found.window.timeline]).toEqual([4, "time", 2]);
    expect(resolve(at("07:13:35"), undefined, { timeline: 2 })).toMatchObject({ timeline: 2, notes: [] });
    expect(refused(at("07:14:19"), undefined, { timeline: 3 }).data).toMatchObject({ reason: "after the last archived WAL", timeline: 3 });
    expect(refused(at("07:14:19"), undefined, { timeline: 9 }).message).toContain(
      "the archive holds nothing of timeline 9; it has 1, 2, 3, 4",
    );
  });

  it("at which two timelines seem to have been written is looked for on the living history, else on the later timeline", () => {
    const facts = factsWithout();
    const late = { timeline: 3, lsn: lsn("0/14001500"), at: time("2026-11-25T07:14:25Z") };
    const early = { timeline: 3, lsn: lsn("0/B004B00"), at: time("2026-11-25T07:13:52Z") };
    const overlapping = { ...facts, moments: [...facts.moments, late, early] };
    expect(resolve(at("07:14:20"), overlapping).timeline).toBe(4);
    expect(resolve(at("07:14:20"), { ...overlapping, living: 3 }).timeline).toBe(3);
    expect(resolve(at("07:13:53"), overlapping).timeline).toBe(2);
    expect(resolve(at("07:13:53"), { ...overlapping, living: 1 }).timeline).toBe(3);
  });

  it("loses what was committed after it, on the living history", () => {
    const { expectedLoss } = resolve(at("07:14:19"));
    expect([formatInstant(expectedLoss.after), expectedLoss.seconds]).toEqual(["2026-11-25T07:14:19Z", 73]);
    expect(formatInstant(resolve(at("07:13:20.5")).expectedLoss.after)).toBe("2026-11-25T07:13:20.500000Z");
  });

  it("before a fork is reached through the later timeline when the earlier one's last segment was never archived", () => {
    const found = resolve(at("07:13:29"), factsWithout("00000001000000000000000A-", "00000001000000000000000B-"));
    expect([found.timeline, found.window.timeline, found.window.living]).toEqual([4, 1, true]);
  });

  it("is refused when there is nothing to recover from", () => {
    const problem = refused(at("07:14:00"), { ...factsWithout(), sets: [] });
    expect(problem.data).toMatchObject({ reason: "nothing", before: null, after: null });
    expect(problem.fix).toBe("Make a full backup now, so that there is something to recover from next time.");
  });

  it("on a timeline without its history file is refused, because Postgres refuses that timeline", () => {
    const files = readListing(listing).filter(({ path }) => !path.endsWith("00000003.history"));
    const { "00000003.history": _, ...others } = histories;
    const archive = readArchive({ files, histories: others, databaseId: 1, version: "17", segmentBytes: defaultSegmentBytes });
    const problem = refused(at("07:14:15"), { ...factsWithout(), archive });
    expect(problem.data).toMatchObject({ reason: "history missing", timeline: 3 });
    expect(refused({ kind: "backup", label: "20261125-071409F" }, { ...factsWithout(), archive }).data).toMatchObject({
      reason: "history missing",
    });
  });
});

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
  const point = { name: "before_migration", timeline: 1, lsn: lsn("0/7001440") };

  it("is resolved to a set before it, on the living history", () => {
    const found = resolve({ kind: "name", name: "before_migration" }, undefined, { restorePoints: [point] });
    expect(restoreOptions(found)).toEqual([
      `--set=${full}_20261125-071319D`,
      "--type=name",
      "--target=before_migration",
      "--target-timeline=4",
    ]);
  });

  it("of which an earlier one of the same name would stop the replay is resolved by its LSN", () => {
    const restorePoints = [point, { ...point, lsn: lsn("0/6001000") }];
    const found = resolve({ kind: "name", name: "before_migration" }, undefined, { restorePoints });
    expect([found.type, found.target, found.set.label]).toEqual(["lsn", "0/7001440", `${full}_20261125-071319D`]);
    expect(
      resolve({ kind: "name", name: "before_migration" }, undefined, { restorePoints: [point, { ...point, lsn: lsn("0/4001000") }] }).type,
    ).toBe("name");
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

it("every refusal can be printed as JSON", () => {
  for (const target of [at("07:13:13"), at("07:13:55"), at("07:20:00"), { kind: "lsn", lsn: lsn("1/0") } as const]) {
    expect(() => JSON.stringify(refused(target).data)).not.toThrow();
  }
});
