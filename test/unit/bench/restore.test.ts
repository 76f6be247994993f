import { describe, expect, it } from "vitest";
import { type Item, itemise, pgBackRestSeconds, phasesIn, secondsOf, total } from "../../../scripts/bench/restore/items.ts";
import type { Measured, Pair } from "../../../scripts/bench/restore/measured.ts";
import { restorePage } from "../../../scripts/bench/restore/page.ts";
import { stackedPlot } from "../../../scripts/bench/restore/plot.ts";
import { bareRatio, middlePair, project, ratesOf } from "../../../scripts/bench/restore/projection.ts";

/** A moment, so many seconds after the command began. */
const began = Date.parse("2026-01-02T03:00:00.000Z");
const at = (seconds: number): string => new Date(began + seconds * 1000).toISOString();

const ids = ["quiesce", "stop-database", "recover", "promote", "start-database", "back-in-service", "rollout", "smoke", "backup"];
const ends = [9, 12, 28, 36, 41, 42, 51, 53, 72];
const actions = ids.map((id, index) => ({
  id,
  title: `Do ${id}`,
  began: at(index === 0 ? 2 : (ends[index - 1] ?? 0)),
  at: at(ends[index] ?? 0),
}));
const told = (seconds: number, text: string): string =>
  `${at(seconds).replace("Z", "123456Z")} {"time":"x","level":"info","component":"restore","message":"${text}"}`;
const log = [
  "Error from server (BadRequest): container is being made",
  told(15, "restore: copying"),
  `${at(16)} 2026-01-02 03:00:16.000 P00   INFO: restore command begin 2.60.0`,
  told(22, "restore: recovering"),
  told(27, "restore: paused"),
  told(29, "restore: promoting"),
  told(30, "restore: promoted"),
  told(33, "restore: switching"),
  told(34, "restore: switched"),
];

const observed = { began, ended: began + 73_000, actions, phases: phasesIn(log), backupSeconds: 14 };

describe("the items of a restore", () => {
  it("follow each other without a gap, so that their sum is the wall time", () => {
    const items = itemise(observed);
    expect(total(items)).toBeCloseTo(73, 6);
    expect(total(items, "bare") + total(items, "growing") + total(items, "fixed")).toBeCloseTo(73, 6);
    expect(items.filter(({ kind }) => kind === "bare").map(({ name, seconds }) => [name, Math.round(seconds)])).toEqual([
      ["copy", 7],
      ["replay", 5],
      ["promote", 1],
      ["full backup", 14],
    ]);
    expect(Math.round(secondsOf(items, "ask for the backup, see its end"))).toBe(5);
  });

  it("cannot be told of a restore whose pod was not heard", () => {
    expect(() => itemise({ ...observed, phases: phasesIn(log.slice(0, 4)) })).toThrow(/did not say that it was paused/);
  });

  it("take pgBackRest's own word for its own time, the last one", () => {
    const said = (seconds: number) => `P00   INFO: backup command end: completed successfully (${seconds * 1000}ms)`;
    expect(pgBackRestSeconds("backup", [said(3), "P00 INFO: expire command end: completed successfully (9ms)", said(4)].join("\n"))).toBe(
      4,
    );
    expect(() => pgBackRestSeconds("restore", said(3))).toThrow(/restore/);
  });
});

const items = (copy: number, replay: number, backup: number, fixed: number): readonly Item[] => [
  { name: "start, resolve the moment, plan", seconds: fixed, kind: "fixed" },
  { name: "copy", seconds: copy, kind: "bare" },
  { name: "replay", seconds: replay, kind: "bare" },
  { name: "look at what was recovered", seconds: 1, kind: "growing" },
  { name: "smoke test", seconds: 0, kind: "fixed" },
  { name: "full backup", seconds: backup, kind: "bare" },
];
const pair = (copy: number): Pair => ({
  ours: items(copy, 4, 20, 30),
  bare: items(10, 5, 20, 0).filter(({ kind }) => kind === "bare"),
  walBytes: 400e6,
});
const size = { name: "rows", bytes: 5e9, repositoryBytes: 2e9, pairs: [pair(20), pair(10), pair(12)] };

describe("what is worked out of restores that were measured", () => {
  it("is the ratio of what grows with the data, pair by pair", () => {
    expect(bareRatio(size.pairs)).toBeCloseTo(36 / 35, 6);
    expect(secondsOf(middlePair(size.pairs).ours, "copy")).toBe(12);
  });

  it("is a larger restore, each part at its own rate and the rest as it was", () => {
    const rates = ratesOf(size);
    expect(rates).toMatchObject({ copy: 5e9 / 12, replay: 100e6, backup: 250e6, fixed: 30 });
    expect(project(rates, 200e9, 10e9)).toMatchObject({ copy: 480, replay: 100, look: 40, backup: 800, fixed: 30, total: 650 });
  });

  it("becomes a page that says what was kept and what was not, and a plot of every item", () => {
    const measured: Measured = {
      date: "2026-01-02",
      machine: "2 cores",
      sizes: [{ ...size, bytes: 8e8 }, size],
      dumped: { bytes: 7e8, dump: 20, restore: 90 },
      processes: [{ processes: 2, seconds: 10 }],
      lags: [{ load: "light", minutes: 11, commits: 1000, walBytes: 1e8, samples: [10, 150, 301] }],
    };
    const page = restorePage(measured);
    expect(page).toContain("| 5.00 GB | 36.0 s | 35.0 s | 1.03x | <= 1.10x | met |");
    expect(page).toContain("| light | 11 min, 1000 commits | 152 kB/s | 150.0 s | 301.0 s | **missed** |");
    expect(page).toContain("| 10.0 GB | 8 min 00 s | 1 min 40 s | 40 s | 30 s | **10 min 50 s** | met | 13 min 20 s |");
    expect(page).not.toContain("NaN");
    const plot = stackedPlot(measured.sizes);
    expect(plot.match(/<title>/g)).toHaveLength(2 * 6 + 2 * 3);
    expect(plot).not.toContain("NaN");
  });
});
