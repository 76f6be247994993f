import { describe, expect, it } from "vitest";
import { randomMoment } from "../../../src/domain/recovery/random-moment.ts";
import { surveyRecovery } from "../../../src/domain/recovery/windows.ts";
import { factsWithout } from "./four-timelines.ts";

describe("a random moment", () => {
  const { windows } = surveyRecovery(factsWithout());
  const spans = windows.filter(({ backupOnly }) => !backupOnly);

  it("is the same for the same seed, and lies in a window of its timeline", () => {
    for (let seed = 0; seed < 200; seed += 1) {
      const chosen = randomMoment(windows, seed);
      expect(randomMoment(windows, seed)).toEqual(chosen);
      const held = spans.some(
        ({ timeline, from, to }) => chosen !== undefined && timeline === chosen.timeline && from.at <= chosen.at && chosen.at <= to.at,
      );
      expect(held, `seed ${seed}`).toBe(true);
    }
  });

  it("comes out of every window as often as that is long", () => {
    const total = spans.reduce((sum, { from, to }) => sum + Number(to.at - from.at), 0);
    const draws = 4000;
    const seen = Array.from({ length: draws }, (_, seed) => randomMoment(windows, seed));
    for (const timeline of new Set(spans.map((span) => span.timeline))) {
      const own = spans.filter((span) => span.timeline === timeline);
      const share = own.reduce((sum, { from, to }) => sum + Number(to.at - from.at), 0) / total;
      expect(seen.filter((chosen) => chosen?.timeline === timeline).length / draws).toBeCloseTo(share, 1);
    }
  });

  it("cannot be chosen where there is no window", () => {
    expect(randomMoment([], 1)).toBeUndefined();
  });
});
