import { describe, expect, it } from "vitest";
import { axisOf, columnOf, ticksOf } from "../../../src/domain/recovery/axis.ts";
import { type Instant, instantOf, second } from "../../../src/domain/recovery/instant.ts";
import { lsnOf } from "../../../src/domain/recovery/lsn.ts";
import { drawWindows, type PictureStyle } from "../../../src/domain/recovery/picture.ts";
import type { RestorePoint } from "../../../src/domain/recovery/restore-point.ts";
import { surveyRecovery, type Window } from "../../../src/domain/recovery/windows.ts";
import { factsWithout, time } from "./four-timelines.ts";
import { liveHistory } from "./histories.ts";

const same = (text: string): string => text;
const plain: PictureStyle = { bold: same, dim: same, red: same, green: same, yellow: same };
const survey = surveyRecovery(factsWithout());
const day = 86_400n * second;

function windowOf(timeline: number, from: Instant, to: Instant, rest: Partial<Window> = {}): Window {
  const point = { timeline, lsn: survey.facts.sets[0]?.startLsn ?? survey.windows[0]?.from.lsn };
  if (point.lsn === undefined) throw new Error("the fixture has no sets");
  const place = { timeline, lsn: point.lsn };
  return {
    timeline,
    from: { ...place, at: from, set: "set" },
    to: { ...place, at: to },
    sets: ["set"],
    backupOnly: false,
    living: false,
    endsBecause: "abandoned",
    hole: undefined,
    ...rest,
  };
}

function draw(windows: readonly Window[], columns = 80, living = 1): readonly string[] {
  return drawWindows({ ...survey, windows, facts: { ...survey.facts, sets: [], living } }, [], plain, columns);
}

describe("the picture of the windows", () => {
  it("marks the moments that have a name, as far as they can be reached", () => {
    const point = { name: "a", timeline: 1, lsn: lsnOf(0x7001440n), at: time("2026-11-25T07:13:22Z") };
    const row = (restorePoints: readonly RestorePoint[]) => drawWindows(survey, restorePoints, plain, 80).join("\n");
    expect([row([]).includes("◆"), row([{ ...point, lsn: lsnOf(40n) }]).includes("◆")]).toEqual([false, false]);
    expect(drawWindows(survey, [point], plain, 80).find((line) => line.startsWith("  1 "))).toContain("◆");
    expect(row([point])).toContain("F D I backups  ◆ named");
  });

  it("shows timelines newest first on a common axis, sets at their place, and each window's ends", () => {
    expect(drawWindows(survey, [], plain, 80).join("\n")).toMatchInlineSnapshot(`
      "UTC        07:13:20  07:13:30  07:13:40  07:13:50  07:14:00 07:14:10  07:14:20
                 ╵ Nov 25  ╵         ╵         ╵         ╵        ╵         ╵
        4 > ······························································━━━━━━F━━━━━
        3   ··········································─────D────────F─────············
        2   ·······················━━━━━I━━━━━━────···································
        1   F━━━━D━━━━━I━━━━───────···················································
            > written now  ━ living history  ─ abandoned  × hole  F D I backups

        4   2026-11-25T07:14:18Z to 2026-11-25T07:14:29Z         12 s  now
        3   2026-11-25T07:13:57Z to 2026-11-25T07:14:16Z         20 s  abandoned
        2   2026-11-25T07:13:50Z to 2026-11-25T07:13:53Z          4 s  abandoned
        2   2026-11-25T07:13:39Z to 2026-11-25T07:13:49Z         11 s  forked away
        1   2026-11-25T07:13:30Z to 2026-11-25T07:13:37Z          8 s  abandoned
        1   2026-11-25T07:13:15Z to 2026-11-25T07:13:29Z         14 s  forked away"
    `);
  });

  it("shows a hole at its place and names it below", () => {
    const lines = drawWindows(surveyRecovery(factsWithout("00000003000000000000000F-", "000000030000000000000010-")), [], plain, 80);
    expect(lines[3]).toBe("  3   ··········································─────D───×····F─────············");
    expect(lines).toContain("× timeline 3: 00000003000000000000000F to 000000030000000000000010 missing");
  });

  it("keeps a window of two minutes visible beside one of three weeks, with its exact ends", () => {
    const start = time("2026-11-01T00:00:00Z");
    const lines = draw([
      windowOf(1, start, instantOf(start + 21n * day), { living: true, endsBecause: "now" }),
      windowOf(2, instantOf(start + 10n * day), instantOf(start + 10n * day + 120n * second)),
    ]);
    expect(lines.slice(0, 4)).toEqual([
      "UTC      Nov 02                   Nov 09                  Nov 16",
      "         ╵                        ╵                       ╵",
      "  2   ···································─······································",
      "  1 > ━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━",
    ]);
    expect(lines).toContain("  2   2026-11-11T00:00:00Z to 2026-11-11T00:02:00Z   2 min 00 s  abandoned");
  });

  it("keeps two windows of one column apart by the mark of the hole between them", () => {
    const start = time("2026-11-01T00:00:00Z");
    const hole = {
      timeline: 1,
      kind: "ambiguous",
      first: 5,
      last: 5,
      firstName: "000000010000000000000005",
      lastName: "000000010000000000000005",
    } as const;
    const lines = draw([
      windowOf(1, start, instantOf(start + 10n * day), { hole, endsBecause: "hole" }),
      windowOf(1, instantOf(start + 10n * day + second), instantOf(start + 20n * day)),
    ]);
    expect(lines[2]).toMatch(/^ {2}1 > ─+×─+$/);
    expect(lines).toContain("× timeline 1: 000000010000000000000005 twice");
  });

  it("is no wider than the terminal, from one timeline to 21, whatever their lengths", () => {
    const start = time("2026-11-01T10:20:30.123456Z");
    for (const columns of [80, 100, 132]) {
      for (let count = 1; count <= 21; count++) {
        const lengths = [1n, 120n * second, 3600n * second, day, 21n * day, 400n * day];
        const windows = Array.from({ length: count }, (_, index) => {
          const from = instantOf(start + BigInt(index * index) * 3_600_000_000n);
          return windowOf(index + 1, from, instantOf(from + (lengths[(index * 7 + count) % lengths.length] ?? day)), {
            living: index % 3 === 0,
          });
        });
        const lines = draw(windows, columns, count);
        expect(Math.max(...lines.map((line) => [...line].length)), `${count} timelines, ${columns} columns`).toBeLessThanOrEqual(columns);
        expect(lines.slice(2, 2 + count).map((line) => line.slice(0, 5))).toEqual(
          Array.from({ length: count }, (_, index) => `${String(count - index).padStart(3)} ${index === 0 ? ">" : " "}`),
        );
        expect(lines.slice(2, 2 + count).every((line) => /[━─]/.test(line))).toBe(true);
      }
    }
  });

  it("rounds a window's ends inwards, so that what is read can be asked for", () => {
    const from = time("2026-11-01T00:00:00.2Z");
    expect(draw([windowOf(1, from, instantOf(from + 1_900_000n))]).at(-1)).toContain("2026-11-01T00:00:01Z to 2026-11-01T00:00:02Z");
    expect(draw([windowOf(1, from, instantOf(from + 5n))]).at(-1)).toContain("2026-11-01T00:00:00.200000Z  ");
  });

  it("tells the end of a backup that no commit follows as what it is", () => {
    const end = time("2026-11-01T00:00:00.999999Z");
    expect(draw([windowOf(1, end, end, { backupOnly: true })]).at(-1)).toMatch(
      /^ {2}1 {3}2026-11-01T00:00:00Z, end of the backup only {2,}0 s {2}abandoned$/,
    );
  });

  it("paints what is living and what is abandoned apart, and nothing of it changes the text", () => {
    const marked = (tag: string) => (text: string) => `<${tag}>${text}</${tag}>`;
    const style = { bold: marked("b"), dim: marked("d"), red: marked("r"), green: marked("g"), yellow: marked("y") };
    const lines = drawWindows(survey, [], style, 80);
    expect(lines[4]).toMatch(/<g>━+<\/g><b>I<\/b><g>━+<\/g><y>─+<\/y>/);
    expect(lines.map((line) => line.replaceAll(/<\/?[bdrgy]>/g, ""))).toEqual(drawWindows(survey, [], plain, 80));
  });

  it("says in words when nothing can be recovered", () => {
    expect(draw([])).toEqual(["Nothing can be recovered: there is no usable backup with its WAL."]);
  });
});

describe("a time axis", () => {
  it.each([
    ["half a minute", 30n * second],
    ["twenty minutes", 20n * 60n * second],
    ["five hours", 5n * 3600n * second],
    ["40 days", 40n * day],
    ["13 years", 5000n * day],
  ])("of %s has round ticks that do not overlap", (_, length) => {
    const axis = axisOf([time("2026-11-23T04:59:59.5Z"), instantOf(time("2026-11-23T04:59:59.5Z") + length)], 74);
    const ticks = ticksOf(axis);
    expect(ticks.length).toBeGreaterThanOrEqual(3);
    expect(ticks.length).toBeLessThanOrEqual(9);
    for (const [index, { column, label, date }] of ticks.entries()) {
      const next = ticks[index + 1]?.column ?? axis.width + 1;
      expect(column + Math.max(label.length, date === undefined ? 0 : date.length + 2)).toBeLessThan(next);
    }
  });

  it("puts every moment into a column, those outside at its ends", () => {
    const [from, to] = [time("2026-11-23T00:00:00Z"), time("2026-11-24T00:00:00Z")];
    const axis = axisOf([to, from], 24);
    expect([from, time("2026-11-23T12:59:59Z"), to, instantOf(from - 1n), instantOf(to + day)].map((at) => columnOf(at, axis))).toEqual([
      0, 12, 23, 0, 23,
    ]);
    expect(axisOf([from], 10).to - axisOf([from], 10).from).toBe(second);
    expect(() => axisOf([], 10)).toThrow(RangeError);
  });

  it("is drawn for every history that can be lived", () => {
    for (let seed = 1; seed <= 60; seed++) {
      const { timelines } = liveHistory(seed);
      const times = timelines.flatMap(({ commits }) => commits.map(({ at }) => at));
      if (times.length > 0) expect(ticksOf(axisOf(times, 74)).length, `seed ${seed}`).toBeGreaterThan(0);
    }
  });
});
