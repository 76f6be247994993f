import { describe, expect, it } from "vitest";
import { readArchive } from "../../../src/domain/recovery/archive.ts";
import { formatInstant, instantOf, second } from "../../../src/domain/recovery/instant.ts";
import { defaultSegmentBytes, firstLsn, formatLsn, lsnOf, segmentName } from "../../../src/domain/recovery/lsn.ts";
import type { RecoveryFacts } from "../../../src/domain/recovery/reach.ts";
import type { BackupSet } from "../../../src/domain/recovery/repository.ts";
import { surveyRecovery } from "../../../src/domain/recovery/windows.ts";
import { factsWithout } from "./four-timelines.ts";

function linesOf(facts: RecoveryFacts): readonly string[] {
  return surveyRecovery(facts).windows.map(
    ({ timeline, from, to, living, endsBecause, hole, sets }) =>
      `${timeline}: ${formatLsn(from.lsn)} ${formatInstant(from.at).slice(14)} to ${formatLsn(to.lsn)} ${formatInstant(to.at).slice(14)}, ${
        living ? "living" : "left"
      }, ${endsBecause}${hole === undefined ? "" : ` ${hole.firstName}`}, ${sets.length} sets from ${from.set}`,
  );
}

describe("the windows of a real repository with four timelines", () => {
  it("begin where a set is consistent or a timeline was forked, end at the last commit, and are cut where the living history left", () => {
    expect(linesOf(factsWithout())).toEqual([
      "1: 0/2000120 13:14.903807Z to 0/A0056F8 13:29.353585Z, living, forked away, 3 sets from 20261125-071313F",
      "1: 0/A0056F8 13:29.353585Z to 0/C001748 13:37.317549Z, left, abandoned, 3 sets from 20261125-071313F",
      "2: 0/A0075D0 13:38.217433Z to 0/E001E40 13:49.314350Z, living, forked away, 4 sets from 20261125-071313F",
      "2: 0/E001E40 13:49.314350Z to 0/E004670 13:53.267186Z, left, abandoned, 4 sets from 20261125-071313F",
      "3: 0/B004B18 13:56.989384Z to 0/14001418 14:16.987051Z, left, abandoned, 5 sets from 20261125-071313F",
      "4: 0/E004608 14:17.740841Z to 0/12001B10 14:29.623579Z, living, now, 5 sets from 20261125-071313F",
    ]);
  });

  it("end at a hole and begin again at the next set whose own WAL is whole", () => {
    expect(linesOf(factsWithout("00000003000000000000000F-")).filter((line) => line.startsWith("3"))).toEqual([
      "3: 0/B004B18 13:56.989384Z to 0/E003D78 14:05.313143Z, left, hole 00000003000000000000000F, 4 sets from 20261125-071313F",
      "3: 0/12000158 14:12.392359Z to 0/14001418 14:16.987051Z, left, abandoned, 1 sets from 20261125-071409F",
    ]);
  });

  it("do not open at a set of which a segment is missing", () => {
    const lines = linesOf(factsWithout("000000030000000000000012-")).filter((line) => line.startsWith("3"));
    expect(lines).toEqual([
      "3: 0/B004B18 13:56.989384Z to 0/11001AA8 14:09.743018Z, left, hole 000000030000000000000012, 4 sets from 20261125-071313F",
    ]);
  });

  it("reach up to a fork when only the later timeline holds the segment in which it lies", () => {
    const lines = linesOf(factsWithout("00000001000000000000000A-", "00000001000000000000000B-", "00000001000000000000000C-"));
    expect(lines.filter((line) => line.startsWith("1"))).toEqual([
      "1: 0/2000120 13:14.903807Z to 0/A0056F8 13:29.353585Z, living, forked away, 3 sets from 20261125-071313F",
    ]);
  });

  it("do not go over a fork whose segment only the earlier timeline holds", () => {
    const lines = linesOf(factsWithout("00000002000000000000000A-")).filter((line) => line.startsWith("2"));
    expect(lines[0]).toBe(
      "2: 0/C000120 13:43.587830Z to 0/E001E40 13:49.314350Z, living, forked away, 1 sets from 20261125-071313F_20261125-071342I",
    );
  });

  it("of a database with no set or no archive are none", () => {
    expect(linesOf({ ...factsWithout(), sets: [] })).toEqual([]);
    const archive = readArchive({ files: [], histories: {}, databaseId: 1, version: "17", segmentBytes: defaultSegmentBytes });
    expect(linesOf({ ...factsWithout(), archive })).toEqual([]);
  });
});

describe("a window", () => {
  const start = 1_790_000_000n * second;
  const set: BackupSet = {
    label: "set",
    type: "full",
    databaseId: 1,
    timeline: 1,
    startLsn: lsnOf(firstLsn(2, defaultSegmentBytes) + 0x28n),
    stopLsn: lsnOf(firstLsn(2, defaultSegmentBytes) + 0x120n),
    startedAt: instantOf(start),
    finishedAt: instantOf(start),
    archiveStart: "000000010000000000000002",
    archiveStop: "000000010000000000000002",
    bytes: 1,
    repositoryBytes: 1,
    needs: [],
    error: false,
  };
  const factsOf = (commits: readonly (readonly [bigint, bigint])[], segments = 3): RecoveryFacts => ({
    sets: [set],
    archive: readArchive({
      files: Array.from({ length: segments - 1 }, (_, index) => ({
        path: `17-1/0000000100000000/${segmentName({ timeline: 1, number: index + 2 }, defaultSegmentBytes)}-${"a".repeat(40)}`,
        bytes: 1,
      })),
      histories: {},
      databaseId: 1,
      version: "17",
      segmentBytes: defaultSegmentBytes,
    }),
    moments: commits.map(([offset, microseconds]) => ({
      timeline: 1,
      lsn: lsnOf(firstLsn(2, defaultSegmentBytes) + offset),
      at: instantOf(start + microseconds),
    })),
    living: 1,
  });
  const spanOf = (facts: RecoveryFacts): readonly string[] =>
    surveyRecovery(facts).windows.map(
      ({ from, to }) => `${from.at - start} to ${to.at - start} at ${to.lsn - firstLsn(2, defaultSegmentBytes)}`,
    );

  it("begins at the end of the second in which the set ended, because commits of that second may stand before its end", () => {
    expect(
      spanOf(
        factsOf([
          [0x100n, 700_000n],
          [0x2000n, 5_000_000n],
          [0x3000n, 9_000_000n],
        ]),
      ),
    ).toEqual(["999999 to 9000000 at 12288"]);
  });

  it("begins earlier where a commit after the set's end shows that it had ended", () => {
    expect(
      spanOf(
        factsOf([
          [0x100n, 300_000n],
          [0x120n, 400_000n],
          [0x3000n, 9_000_000n],
        ]),
      ),
    ).toEqual(["400000 to 9000000 at 12288"]);
  });

  it("is a single moment where no commit follows the set", () => {
    expect(spanOf(factsOf([[0x100n, 700_000n]]))).toEqual(["999999 to 999999 at 288"]);
  });

  it("ends with the last commit in the log, at the latest time so far where two stand in the other order", () => {
    expect(
      spanOf(
        factsOf([
          [0x2000n, 5_000_000n],
          [0x3000n, 4_999_000n],
        ]),
      ),
    ).toEqual(["999999 to 5000000 at 12288"]);
  });

  it("ends where the archive does, whatever commits are said to come after", () => {
    expect(
      spanOf(
        factsOf([
          [0x2000n, 5_000_000n],
          [0x3000000n, 9_000_000n],
        ]),
      ),
    ).toEqual(["999999 to 5000000 at 8192"]);
  });

  it("is not living where every commit after its set was left behind by the living history", () => {
    const facts = factsOf([
      [0x2000n, 5_000_000n],
      [0x3000n, 9_000_000n],
    ]);
    const child = readArchive({
      files: [{ path: `17-1/0000000200000000/000000020000000000000002-${"a".repeat(40)}`, bytes: 1 }],
      histories: { "00000002.history": "1\t0/2001000\tx\n" },
      databaseId: 1,
      version: "17",
      segmentBytes: defaultSegmentBytes,
    });
    const timelines = [...facts.archive.timelines, ...child.timelines.filter(({ id }) => id === 2)];
    const commit = { timeline: 2, lsn: lsnOf(firstLsn(2, defaultSegmentBytes) + 0x1100n), at: instantOf(start + 60n * second) };
    const { windows } = surveyRecovery({
      ...facts,
      archive: { ...facts.archive, timelines },
      moments: [...facts.moments, commit],
      living: 2,
    });
    expect(windows.map(({ timeline, living, endsBecause }) => `${timeline} ${living} ${endsBecause}`)).toEqual([
      "1 false abandoned",
      "2 true now",
    ]);
  });

  it("is worked out within seconds for a month of WAL, 30 sets and 21 timelines", () => {
    const many = 60_000;
    const commits = Array.from(
      { length: many },
      (_, index) => [BigInt(index) * 0x1000000n + 0x2000n, BigInt(index) * 40n * second + 2_000_000n] as const,
    );
    const facts = factsOf(commits, many + 2);
    const histories = Object.fromEntries(
      Array.from({ length: 20 }, (_, index) => [`${(index + 2).toString(16).toUpperCase().padStart(8, "0")}.history`, `1\t0/9000000\tx\n`]),
    );
    const files = Object.keys(histories).map((name) => ({ path: `17-1/${name}`, bytes: 1 }));
    const archive = readArchive({ files, histories, databaseId: 1, version: "17", segmentBytes: defaultSegmentBytes });
    const all = {
      ...facts,
      archive: { ...facts.archive, timelines: [...facts.archive.timelines, ...archive.timelines.filter(({ id }) => id > 1)] },
    };
    const begun = performance.now();
    expect(
      surveyRecovery({ ...all, sets: Array.from({ length: 30 }, (_, index) => ({ ...set, label: `set-${index}` })) }).windows,
    ).toHaveLength(1);
    expect(performance.now() - begun).toBeLessThan(5000);
  });
});
