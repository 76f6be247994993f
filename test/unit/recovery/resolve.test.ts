import { describe, expect, it } from "vitest";
import { readArchive } from "../../../src/domain/recovery/archive.ts";
import { readListing } from "../../../src/domain/recovery/archive-files.ts";
import { formatInstant } from "../../../src/domain/recovery/instant.ts";
import { defaultSegmentBytes } from "../../../src/domain/recovery/lsn.ts";
import { factsWithout, histories, listing, time } from "./four-timelines.ts";

import { at, lsn, refused, resolve } from "./resolving.ts";

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
    // What was written after the fork stood in those segments alone.
    const problem = refused(at("07:13:31"), factsWithout("00000001000000000000000A-", "00000001000000000000000B-"));
    expect(problem.data).toMatchObject({ reason: "hole", hole: { timeline: 1, first: 10, last: 11 } });
  });

  it("is never answered with the end of a backup after which nothing can be replayed: that is offered by its label", () => {
    const problem = refused(at("07:14:24.999999"), factsWithout("000000040000000000000011-"));
    expect(problem.message).toContain(
      "WAL segment 000000040000000000000011 of timeline 4 is missing from the archive. Of what can be reached, the last before it is the end of backup 20261125-071422F (timeline 4).",
    );
    expect(problem.fix).toBe("Choose --to-backup 20261125-071422F.");
    expect(problem.data["before"]).toEqual({
      at: "2026-11-25T07:14:24.999999Z",
      lsn: "0/10000120",
      timeline: 4,
      backup: "20261125-071422F",
    });
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

it("every refusal can be printed as JSON", () => {
  for (const target of [at("07:13:13"), at("07:13:55"), at("07:20:00"), { kind: "lsn", lsn: lsn("1/0") } as const]) {
    expect(() => JSON.stringify(refused(target).data)).not.toThrow();
  }
});
