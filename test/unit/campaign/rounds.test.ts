import { describe, expect, it } from "vitest";
import { inWords, isOutage, kinds, moments, roundOf } from "../../campaign/rounds.ts";

const actions = ["identity", "namespace", "lease", "begin", "push", "secrets", "apply", "rollout", "smoke", "record"];
const rounds = (count: number, filters: object = {}, seed = 7) =>
  Array.from({ length: count }, (_, index) => roundOf({ seed, ...filters }, actions, index + 1));

describe("the rounds of a campaign", () => {
  it("are the same for the same seed, each of them alone too, and others for another seed", () => {
    expect(rounds(40)).toEqual(rounds(40));
    expect(roundOf({ seed: 7 }, actions, 23)).toEqual(rounds(40)[22]);
    expect(rounds(40, {}, 8)).not.toEqual(rounds(40));
  });

  it("cut every action at every moment once before any of them again", () => {
    const cuts = rounds(40).filter(({ kind }) => kind === "cut");
    const places = cuts.map(({ strike }) => `${strike.place.moment} ${strike.place.action}`);
    expect(places.toSorted()).toEqual(actions.flatMap((action) => moments.map((moment) => `${moment} ${action}`)).toSorted());
  });

  it("bring every other kind within the first 24", () => {
    expect(new Set(rounds(24).map(({ kind }) => kind))).toEqual(new Set(kinds));
  });

  it("strike again in a third of them, and never before the place of the first strike", () => {
    const again = rounds(900).filter((round) => round.again !== undefined);
    expect(again.length).toBeGreaterThan(250);
    expect(again.length).toBeLessThan(350);
    for (const { strike, again: second } of again)
      expect(actions.indexOf(second?.place.action ?? "")).toBeGreaterThanOrEqual(actions.indexOf(strike.place.action));
  });

  it("give a power cut no time to end by itself, and Ctrl-C to the whole group", () => {
    const many = rounds(600);
    for (const { strike } of many.filter(({ kind }) => kind === "power")) expect([strike.signal, strike.reach]).toEqual(["KILL", "group"]);
    for (const { strike } of many.filter((round) => round.strike.signal === "INT")) expect(strike.reach).toBe("group");
    expect(many.some(({ strike }) => strike.reach === "process")).toBe(true);
  });

  it("take the API server away for 10 to 20 s while an action runs that uses it", () => {
    const outages = rounds(300).filter(({ kind }) => isOutage(kind));
    expect(outages.length).toBeGreaterThan(30);
    for (const { outageSeconds, strike } of outages) {
      expect(outageSeconds).toBeGreaterThanOrEqual(10);
      expect(outageSeconds).toBeLessThanOrEqual(20);
      expect(strike.place.moment).toBe("during");
    }
  });

  it("keep to the action, signal and kind that were asked for", () => {
    for (const round of rounds(12, { action: "apply", signal: "TERM", kind: "torn" })) {
      expect([round.strike.place.action, round.strike.signal, round.kind]).toEqual(["apply", "TERM", "torn"]);
    }
    expect(
      rounds(3, { action: "apply", kind: "cut" })
        .map(({ strike }) => strike.place.moment)
        .toSorted(),
    ).toEqual(["after", "before", "during"]);
    expect(() => roundOf({ seed: 1, action: "nothing" }, actions, 1)).toThrow(/no action nothing; it has identity/);
  });

  it("are told in one line", () => {
    const line = inWords({
      number: 1,
      kind: "lost",
      strike: { place: { action: "apply", moment: "during", depth: 0.5 }, signal: "KILL", reach: "process" },
      outageSeconds: 12,
      again: { place: { action: "smoke", moment: "before", depth: 0 }, signal: "INT", reach: "group" },
      uninstallStrike: 0.5,
    });
    expect(line).toBe("KILL (process alone) during apply + lost, then INT before smoke, KILL in uninstall");
  });
});
