import { describe, expect, it } from "vitest";
import { faults, pairsOf, passing, upgradeRound } from "../../campaign/upgrades/rounds.ts";

const actions = ["identity", "lease", "push", "secrets", "restore-point", "apply", "rollout", "smoke", "kit"];
const rounds = (campaign: Parameters<typeof upgradeRound>[0], count: number) =>
  Array.from({ length: count }, (_, index) => upgradeRound(campaign, actions, index + 1));

describe("the rounds of an upgrade campaign", () => {
  it("are decided by seed and number", () => {
    expect(rounds({ seed: 7 }, 30)).toEqual(rounds({ seed: 7 }, 30));
    expect(rounds({ seed: 7 }, 30)).not.toEqual(rounds({ seed: 8 }, 30));
  });

  it("begin with one of each fault, and come to every fault at every action that it can harm before any comes again", () => {
    const pairs = pairsOf({ seed: 3 }, actions);
    expect(
      rounds({ seed: 3 }, faults.length)
        .map(({ fault }) => fault)
        .toSorted(),
    ).toEqual(faults.toSorted());
    const played = rounds({ seed: 3 }, pairs.length).map(({ fault, place }) => `${fault} ${place.action}`);
    expect(new Set(played).size).toBe(pairs.length);
    for (const action of actions) for (const fault of passing) expect(played).toContain(`${fault} ${action}`);
  });

  it("have what lasts stand before its action begins, and nothing where it could do no harm", () => {
    for (const { fault, place } of rounds({ seed: 5 }, 80)) {
      if (!passing.has(fault)) expect(place.moment).toBe("before");
      if (fault === "image-missing") expect(["secrets", "restore-point", "apply", "rollout"]).toContain(place.action);
      if (fault.startsWith("migration")) expect(["rollout", "smoke", "kit"]).not.toContain(place.action);
    }
  });

  it("can be narrowed to a fault and an action", () => {
    expect(rounds({ seed: 1, fault: "quota", action: "apply" }, 1)).toMatchObject([{ fault: "quota", place: { action: "apply" } }]);
    expect(() => rounds({ seed: 1, action: "sing" }, 1)).toThrow(/no action sing/);
  });
});
