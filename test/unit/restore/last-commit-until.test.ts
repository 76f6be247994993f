import { describe, expect, it } from "vitest";
import { type CommitMoment, commitsByTimeline } from "../../../src/domain/recovery/commits.ts";
import { type Instant, instantOf } from "../../../src/domain/recovery/instant.ts";
import { formatLsn } from "../../../src/domain/recovery/lsn.ts";
import { pathTo } from "../../../src/domain/recovery/path.ts";
import type { BackupHost } from "../../../src/ports/backup-host.ts";
import { surveyHost } from "../../../src/workflow/backup/survey.ts";
import { lastCommitUntil } from "../../../src/workflow/restore/last-commit-until.ts";
import { atItsLastCommit, findMoment } from "../../../src/workflow/restore/resolve-moment.ts";
import { Dice } from "../../campaign/dice.ts";
import { FixtureHost } from "../../fakes/fixture-host.ts";
import { HeldClock } from "../../fakes/held-clock.ts";
import { factsWithout } from "../recovery/four-timelines.ts";

const signal = new AbortController().signal;
const seed = Number(process.env["MIGRATECTL_CAMPAIGN_SEED"] ?? Date.now() % 1_000_000);
const facts = factsWithout();
const surveyed = (host: FixtureHost) => surveyHost(host as unknown as BackupHost, new Date("2026-11-25T09:00:00Z"), signal);

/** Every commit of the fixture along a history from the end of a set, in the order of the log. */
function commitsAlong(timeline: number, from: bigint): readonly CommitMoment[] {
  const written = commitsByTimeline(facts.archive, facts.moments);
  return (pathTo(facts.archive, timeline) ?? []).flatMap(({ timeline: id, from: begins, until }) =>
    (written.get(id) ?? []).filter(({ lsn }) => lsn >= from && lsn >= begins && (until === undefined || lsn < until)),
  );
}

describe("the last commit until a time", () => {
  const host = new FixtureHost();
  const cases = [1, 2, 3, 4].flatMap((timeline) =>
    facts.sets
      .filter((set) => (pathTo(facts.archive, timeline) ?? []).some((stretch) => stretch.timeline === set.timeline))
      .map((set) => ({ timeline, set })),
  );

  it.each(cases.map(({ timeline, set }) => [set.label, timeline, set] as const))(
    `is that before the first later one, as reading all of them shows: set %s along timeline %d (seed ${seed})`,
    async (_label, timeline, set) => {
      const all = commitsAlong(timeline, set.stopLsn);
      const [first, last] = [all[0], all.at(-1)];
      if (first === undefined || last === undefined) return expect(all).toEqual([]);
      const dice = new Dice(seed, `${set.label} ${timeline}`);
      const times = [first.at, last.at, ...all.slice(0, 5).map(({ at }) => at)];
      for (let count = 0; count < 20; count += 1)
        times.push(instantOf(first.at + BigInt(Math.floor(dice.fraction() * Number(last.at - first.at)))));
      const { archive, paths } = await surveyed(host);
      for (const until of times) {
        const later = all.findIndex(({ at }) => at > until);
        const expected = later > 0 ? all[later - 1] : undefined;
        const found = await lastCommitUntil(
          host as unknown as BackupHost,
          { archive, paths },
          { timeline, from: set.stopLsn, until },
          signal,
        );
        expect(found && formatLsn(found.lsn), `${until}`).toBe(expected && formatLsn(expected.lsn));
      }
    },
  );

  it("reads a few segments of many", async () => {
    const counted = new FixtureHost();
    const { archive, paths, survey } = await surveyed(counted);
    const before = counted.asked.length;
    const [window] = survey.windows;
    const until = instantOf(((window?.from.at ?? 0n) + (window?.to.at ?? 0n)) / 2n);
    const from = facts.sets[0]?.stopLsn ?? facts.sets[0]?.startLsn;
    if (from === undefined) throw new Error("no set");
    await lastCommitUntil(counted as unknown as BackupHost, { archive, paths }, { timeline: 1, from, until }, signal);
    expect(counted.asked.length - before).toBeLessThan(8);
  });

  it("is undefined where a segment cannot be read: the time has to do then", async () => {
    const torn = new FixtureHost();
    const moment = { resolved: undefined, at: undefined as Instant | undefined };
    const found = await surveyed(torn);
    torn.commits = async (questions) => questions.map(({ segment }) => ({ segment, error: "it is damaged" }));
    const [window] = found.survey.windows;
    moment.at = window?.to.at;
    const set = facts.sets[0];
    if (moment.at === undefined || set === undefined) throw new Error("no window");
    const until = instantOf(moment.at - 1n);
    expect(await lastCommitUntil(torn as unknown as BackupHost, found, { timeline: 1, from: set.stopLsn, until }, signal)).toBeUndefined();
  });

  it("is where a restore to a time stops", async () => {
    const ports = { host: host as unknown as BackupHost, clock: new HeldClock() };
    const [window] = (await surveyed(host)).survey.windows.filter(({ living }) => living);
    if (window === undefined) throw new Error("no window");
    const at = instantOf(window.to.at - 1n);
    const target = () => ({ kind: "time", at }) as const;
    const { resolved } = await findMoment(ports, { target, timeline: undefined, mayArchive: false, volumeLost: false }, signal);
    expect(resolved).toMatchObject({ type: "lsn", at });
    expect(resolved.target).toBe(formatLsn(resolved.lsn));
    const again = await atItsLastCommit(ports.host, { resolved, surveyed: await surveyed(host) }, signal);
    expect(again.resolved).toBe(resolved);
  });
});
