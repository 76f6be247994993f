import { describe, expect, inject, it } from "vitest";
import { playRestores } from "../campaign/restores/play.ts";

const site = inject("site");
const seed = Number(process.env["MIGRATECTL_CAMPAIGN_SEED"] ?? Date.now() % 1_000_000);

/** Restores of the campaign (`npm run campaign:restore`) that every run of the suite plays. */
const moments = 1;

describe("random moments in the life of a platform that is written to", () => {
  it(`are brought back to the row (seed ${seed})`, async () => {
    const told: string[] = [];
    const outcomes = await playRestores(site, { seed, moments, minutes: undefined, namespace: "moments" }, (line) => told.push(line));
    expect(
      outcomes.flatMap(({ wrong }) => wrong),
      told.join("\n"),
    ).toEqual([]);
    expect(outcomes).toHaveLength(moments);
    expect(outcomes.every(({ rows }) => rows > 0)).toBe(true);
  });
});
