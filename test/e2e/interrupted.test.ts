import { randomInt } from "node:crypto";
import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import { repeating } from "../../scripts/campaign/options.ts";
import { play } from "../campaign/round.ts";
import { type Campaign, inWords, roundOf } from "../campaign/rounds.ts";
import { plannedActions } from "../campaign/site.ts";
import { answersFile } from "./support/answers.ts";
import { Running } from "./support/running.ts";
import { howItEnded, kubectl, migratectl } from "./support/site.ts";

const site = inject("site");
const seed = Number(process.env["MIGRATECTL_CAMPAIGN_SEED"] ?? randomInt(1_000_000));

/** A slice of `npm run campaign:interrupt`: one round, another one every time. */
const slices: readonly (readonly [string, Campaign])[] = [
  ["kill -9", { seed, kind: "cut", signal: "KILL" }],
  ["Ctrl-C", { seed, kind: "cut", signal: "INT" }],
  ["a power cut", { seed, kind: "power" }],
];
const slice = slices[seed % slices.length] ?? slices[0];

describe(`an installation that is interrupted (MIGRATECTL_CAMPAIGN_SEED=${seed})`, () => {
  let actions: readonly string[] = [];
  beforeAll(async () => {
    actions = await plannedActions(site);
  });

  it.each(slice === undefined ? [] : [slice])(
    "by %s goes on with the same command, does nothing twice and loses nothing",
    async (_, struck) => {
      // Without the second strikes that the campaign adds, so that the slice stays one of minutes.
      const round = { ...roundOf(struck, actions, 1), again: undefined, uninstallStrike: undefined };
      process.stderr.write(`${inWords(round)}, of: ${repeating(struck, 1)}\n`);
      const { wrong, interrupted } = await play(site, round);
      expect(interrupted).not.toEqual([]);
      expect(wrong, `repeat it with: MIGRATECTL_CAMPAIGN_SEED=${seed}`).toEqual([]);
    },
  );
});

describe("two operators at once", () => {
  const namespace = "operators";
  let install: readonly string[] = [];
  beforeAll(async () => {
    const answers = await answersFile(site, namespace, { release: { namespace }, ingress: { enabled: false } });
    install = ["install", "--airgap", "--bundle", site.bundle, "--answers", answers, "--yes"];
  });
  afterAll(async () => {
    await kubectl(site, "delete", "namespace", namespace, "--ignore-not-found", "--wait=false");
  });

  it("the second is told who holds the Lease and since when, and the first is not disturbed", async () => {
    const first = new Running(site, install);
    expect(await first.reaches(4), (await Promise.race([first.end(), Promise.resolve(undefined)]))?.stderr).toBe(true);
    const second = await migratectl(site, [...install, "--json"]);
    expect(second.code, second.stdout).not.toBe(0);
    expect(JSON.parse(second.stdout)).toMatchObject({ error: { code: "INSTALL_LOCKED", what: expect.stringMatching(/since/) } });
    const ended = await first.end();
    expect(ended.code, howItEnded(ended)).toBe(0);
  });
});
