import { describe, expect, it } from "vitest";
import type { WalArchive } from "../../../src/domain/recovery/archive.ts";
import { type CommitMoment, commitsByTimeline } from "../../../src/domain/recovery/commits.ts";
import { formatForPgBackRest, instantOf } from "../../../src/domain/recovery/instant.ts";
import { defaultSegmentBytes, firstLsn, formatLsn, lsnOf, segmentName } from "../../../src/domain/recovery/lsn.ts";
import { pathTo } from "../../../src/domain/recovery/path.ts";
import type { BackupHost } from "../../../src/ports/backup-host.ts";
import { type Surveyed, surveyHost } from "../../../src/workflow/backup/survey.ts";
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

/** A segment of a made-up log of one timeline. */
interface Written {
  readonly number: number;
  readonly commits: readonly CommitMoment[];
  readonly damaged: boolean;
}

const segmentBytes = defaultSegmentBytes;

function written(number: number, times: readonly bigint[], damaged = false): Written {
  const lsn = (place: number) => lsnOf(firstLsn(number, segmentBytes) + BigInt(100 + place * 100));
  return { number, damaged, commits: times.map((at, place) => ({ timeline: 1, lsn: lsn(place), at: instantOf(at) })) };
}

/** Up to sixty segments: a long transaction fills many without a commit, some hold many, and some cannot be read. */
function randomLog(dice: Dice): readonly Written[] {
  const count = dice.between(1, 60);
  const times = Array.from({ length: dice.between(1, 80) }, () => BigInt(dice.between(1, 999_999))).toSorted((a, b) => Number(a - b));
  const places = times.map(() => dice.between(1, count)).toSorted((a, b) => a - b);
  const damaging = dice.chance(0.5) ? 0.1 : 0;
  return Array.from({ length: count }, (_, index) =>
    written(
      index + 1,
      times.filter((_time, at) => places[at] === index + 1),
      dice.chance(damaging),
    ),
  );
}

function archiveOf(log: readonly Written[]): Pick<Surveyed, "archive" | "paths"> {
  const names = log.map(({ number }) => segmentName({ timeline: 1, number }, segmentBytes));
  const span = { first: 1, last: log.length };
  const timeline = { ...facts.archive.timelines[0], id: 1, history: "root", forks: [], spans: [span], holes: [] };
  return {
    archive: { ...facts.archive, segmentBytes, timelines: [timeline] as unknown as WalArchive["timelines"] },
    paths: new Map(names.map((name) => [name, `17-1/${name}`])),
  };
}

/** Answers as the image does: the ends of a segment, and the first commit later than the time with the one before it. */
function hostOf(log: readonly Written[]): BackupHost {
  const commits: BackupHost["commits"] = async (questions) =>
    questions.map(({ segment, until }) => {
      const found = log.find(({ number }) => segmentName({ timeline: 1, number }, segmentBytes) === segment);
      if (found === undefined || found.damaged) return { segment, error: "it is damaged" };
      const all = found.commits.map(({ lsn, at }) => ({
        lsn: formatLsn(lsn),
        at: formatForPgBackRest(at).replace(" ", "T").replace("+00", "Z"),
      }));
      const later = until === undefined ? -1 : all.findIndex(({ at }) => at > until);
      const wanted = new Set([0, all.length - 1, ...(later < 0 ? [] : [later - 1, later])]);
      return { segment, commits: all.filter((_, index) => wanted.has(index)) };
    });
  return { commits } as unknown as BackupHost;
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

  it.each(Array.from({ length: 200 }, (_, round) => round))(
    `is the right one or undefined, never another, where segments hold nothing or cannot be read (seed ${seed}, round %d)`,
    async (round) => {
      const dice = new Dice(seed, `log ${round}`);
      const log = randomLog(dice);
      const all = log.flatMap(({ commits }) => commits);
      const until = instantOf(BigInt(dice.between(0, 1_000_000)));
      const later = all.findIndex(({ at }) => at > until);
      const truth = later > 0 ? all[later - 1] : undefined;
      const found = await lastCommitUntil(hostOf(log), archiveOf(log), { timeline: 1, from: firstLsn(1, segmentBytes), until }, signal);
      const sound = log.every(({ damaged }) => !damaged);
      if (found === undefined && !sound) return;
      expect(found && formatLsn(found.lsn)).toBe(truth && formatLsn(truth.lsn));
    },
  );

  it("is not known right after a segment that cannot be read: what was committed in it must not be left out", async () => {
    const log = [1, 2, 3].map((number) => written(number, [BigInt(number * 100)]));
    const damaged = log.map((one, index) => ({ ...one, damaged: index === 1 }));
    const stretch = { timeline: 1, from: firstLsn(1, segmentBytes), until: instantOf(250n) };
    expect(await lastCommitUntil(hostOf(log), archiveOf(log), stretch, signal)).toMatchObject({ at: 200n });
    expect(await lastCommitUntil(hostOf(damaged), archiveOf(damaged), stretch, signal)).toBeUndefined();
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
