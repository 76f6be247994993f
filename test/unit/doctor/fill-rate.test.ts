import { describe, expect, it } from "vitest";
import { doctorChecks, examine } from "../../../src/domain/doctor/checks.ts";
import { daysLeft, type FillHistory, noFillHistory, withSample } from "../../../src/domain/doctor/fill-rate.ts";
import { known } from "../../../src/domain/reading.ts";
import { doctor } from "../../../src/workflow/doctor/doctor.ts";
import { MemoryRunStore } from "../../fakes/memory-run-store.ts";
import { RecordingProgress } from "../../fakes/recording-progress.ts";
import { healthy } from "./healthy.ts";
import { healthyRelease, scope } from "./release.ts";

const [hour, day, gigabyte] = [3_600_000, 86_400_000, 1e9];
const start = Date.parse("2026-03-01T00:00:00Z");
const at = (days: number): Date => new Date(start + days * day);
const claim = (used: number, capacity = 100 * gigabyte) => ({ claim: "data-postgres-0", used, capacity });

/** What was seen once a day, the last time `days` after the first. */
function seen(days: number, used: (day: number) => number): FillHistory {
  let history = noFillHistory;
  for (let one = 0; one <= days; one += 1) history = withSample(history, at(one), [claim(used(one))]);
  return history;
}

describe("how long a volume lasts", () => {
  it("follows from what was seen over days", () => {
    expect(
      daysLeft(
        seen(5, (one) => (50 + one) * gigabyte),
        claim(55 * gigabyte),
      ),
    ).toBeCloseTo(45);
    expect(
      daysLeft(
        seen(5, (one) => (50 + one) * gigabyte),
        claim(101 * gigabyte),
      ),
    ).toBe(0);
  });

  it("is taken from the trend, not from the last rush", () => {
    const history = seen(10, (one) => (50 + one + (one % 2 === 0 ? 3 : -3)) * gigabyte);
    expect(daysLeft(history, claim(60 * gigabyte))).toBeCloseTo(40, -1);
  });

  it.each([
    ["never looked at", noFillHistory],
    ["looked at twice", seen(1, (one) => one * gigabyte)],
    ["that does not fill", seen(9, () => 50 * gigabyte)],
    ["that empties", seen(9, (one) => (50 - one) * gigabyte)],
    ["of which another one was seen", seen(9, (one) => one)],
  ])("cannot be told of one %s", (what, history) => {
    const asked = what.startsWith("of which") ? { ...claim(1), claim: "other" } : claim(50 * gigabyte);
    expect(daysLeft(history, asked)).toBeUndefined();
  });

  it("cannot be told of looks within one day", () => {
    let history = noFillHistory;
    for (let one = 0; one < 20; one += 1) history = withSample(history, new Date(start + one * hour), [claim(one * gigabyte)]);
    expect(history.samples).toHaveLength(20);
    expect(daysLeft(history, claim(20 * gigabyte))).toBeUndefined();
  });

  it("is kept for two weeks, once an hour, and not beyond a clock that was set back", () => {
    const history = seen(40, (one) => one);
    expect(history.samples).toHaveLength(15);
    expect(withSample(history, new Date(at(40).getTime() + hour / 2), [claim(1)]).samples.at(-1)).toEqual(history.samples.at(-1));
    expect(withSample(history, at(41), []).samples.at(-1)).toEqual(history.samples.at(-1));
    expect(withSample(history, at(38), [claim(1)]).samples.every((one) => Date.parse(one.at) <= at(38).getTime())).toBe(true);
  });
});

describe("the check of volumes", () => {
  const judged = (perDay: number) => {
    const stats = known({ claims: [claim(50 * gigabyte)], containers: [], silent: [] });
    const rollout = {
      ...healthy.rollout,
      pods: healthy.rollout.pods.map((pod) => ({ ...pod, claims: pod.claims.filter((one) => one === "data-postgres-0") })),
    };
    const fills = seen(4, (one) => 50 * gigabyte - (4 - one) * perDay * gigabyte);
    return examine(doctorChecks, { ...healthy, rollout, stats, fills }).find(({ check }) => check === "volumes");
  };

  it.each([
    [0.1, "pass", "data-postgres-0 50 % of 100 GB"],
    [1, "pass", "data-postgres-0 50 % of 100 GB, full in 50 days"],
    [5, "warn", "data-postgres-0 50 % of 100 GB, full in 10 days"],
    [20, "fail", "data-postgres-0 50 % of 100 GB, full in 2 days"],
    [100, "fail", "data-postgres-0 50 % of 100 GB, full in less than a day"],
  ] as const)("of one that takes %d GB a day more is %s", (perDay, verdict, text) => {
    expect(judged(perDay)).toMatchObject({ verdict, seen: text });
  });
});

describe("a volume that fills within days and has more of its inodes in use", () => {
  it("is told with both", () => {
    const one = { ...claim(50 * gigabyte), inodes: { used: 60, capacity: 100 } };
    const fills = seen(4, (day) => 50 * gigabyte - (4 - day) * 20 * gigabyte);
    const facts = { ...healthy, fills, stats: known({ claims: [one], containers: [], silent: [] }) };
    const seenNow = examine(doctorChecks, facts).find(({ check, verdict }) => check === "volumes" && verdict === "fail")?.seen;
    expect(seenNow).toBe("data-postgres-0 has 60 % of its inodes in use, full in 2 days");
  });
});

describe("what this host notes of a release's volumes", () => {
  const signal = AbortSignal.timeout(15_000);
  const look = async (notebook: MemoryRunStore, progress = new RecordingProgress()) => {
    await doctor({ ...healthyRelease().ports, notebook, progress }, scope, signal);
    return progress.events.flatMap((event) => (event.kind === "note" ? [event.text] : []));
  };

  it("is there at the next look, and begun anew where it cannot be read", async () => {
    const notebook = new MemoryRunStore("doctor");
    await look(notebook);
    const first = notebook.files.get("volumes.json") ?? "";
    expect(JSON.parse(first)).toMatchObject({ kind: "FillHistory", samples: [{ used: { "data-postgres-0": expect.any(Number) } }] });
    await look(notebook);
    expect(notebook.files.get("volumes.json")).toBe(first);
    notebook.files.set("volumes.json", "{");
    await look(notebook);
    expect(notebook.files.get("volumes.json")).toBe(first);
  });

  it("is told where it cannot be kept, and keeps no finding back", async () => {
    const notebook = new MemoryRunStore("doctor");
    notebook.full = new Error("no space left on the disk");
    expect(await look(notebook)).toEqual([expect.stringContaining("no space left on the disk")]);
  });
});
