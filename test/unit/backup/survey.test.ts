import { describe, expect, it } from "vitest";
import { Problem } from "../../../src/domain/errors/problem.ts";
import { formatInstant, secondsBetween } from "../../../src/domain/recovery/instant.ts";
import { surveyRecovery } from "../../../src/domain/recovery/windows.ts";
import type { BackupHost } from "../../../src/ports/backup-host.ts";
import { surveyHost } from "../../../src/workflow/backup/survey.ts";
import { verifyBackups } from "../../../src/workflow/backup/verify-backups.ts";
import { failure } from "../../fakes/failure.ts";
import { FixtureHost } from "../../fakes/fixture-host.ts";
import { HeldClock } from "../../fakes/held-clock.ts";
import { RecordingProgress } from "../../fakes/recording-progress.ts";
import { factsWithout } from "../recovery/four-timelines.ts";

const signal = new AbortController().signal;
const survey = (host: FixtureHost) => surveyHost(host as unknown as BackupHost, new Date("2026-11-25T09:00:00Z"), signal);
const verify = (host: FixtureHost) =>
  verifyBackups({ host: host as unknown as BackupHost, clock: new HeldClock(), progress: new RecordingProgress() }, signal);

/** Segment of timeline 1 between two others, which sets and windows need. */
const middle = "000000010000000000000009";

describe("the survey of a repository", () => {
  it("comes to the windows that reading every segment gives, from a few of them: never wider, and less than a second narrower", async () => {
    const host = new FixtureHost();
    const [found, whole] = [(await survey(host)).survey.windows, surveyRecovery(factsWithout()).windows];
    const rest = (windows: typeof whole) => windows.map(({ timeline, to, endsBecause, sets }) => ({ timeline, to, endsBecause, sets }));
    expect(rest(found)).toEqual(rest(whole));
    for (const [index, { from }] of whole.entries()) {
      const later = secondsBetween(from.at, found[index]?.from.at ?? from.at);
      expect(later).toBeGreaterThanOrEqual(0);
      expect(later).toBeLessThan(1);
    }
    expect(new Set(host.asked).size).toBe(host.asked.length);
  });

  it("goes by the database's clock, and by this host's where no Postgres answers", async () => {
    const host = new FixtureHost();
    expect(formatInstant((await survey(host)).now)).toBe("2026-11-25T07:15:32Z");
    host.asPrimary = undefined;
    expect(formatInstant((await survey(host)).now)).toBe("2026-11-25T09:00:00Z");
  });

  it("takes the timeline that was written last for the living one where no Postgres answers, not that of a restore which was undone", async () => {
    const host = new FixtureHost();
    host.asPrimary = undefined;
    expect((await survey(host)).survey.facts.living).toBe(4);
    const commits = host.commits.bind(host);
    host.commits = async (segments) =>
      (await commits(segments)).map((one) =>
        "commits" in one && one.segment.startsWith("00000004")
          ? { ...one, commits: one.commits.map((commit) => ({ ...commit, at: "2026-11-25T07:00:00.000000Z" })) }
          : one,
      );
    expect((await survey(host)).survey.facts.living).toBe(3);
  });

  it("refuses a repository whose Postgres the image cannot run, where none answers; an image that does not tell is trusted", async () => {
    const host = new FixtureHost();
    host.asPrimary = undefined;
    host.major = "18";
    expect(await failure(survey(host))).toMatchObject({
      code: "POSTGRES_MAJOR_MISMATCH",
      message: expect.stringMatching(/Postgres 17 \(\d+\), this one is Postgres 18/),
    });
    host.major = undefined;
    expect((await survey(host)).database.version).toBe("17");
  });

  it("refuses the repository of another cluster, down to the last digit of its identifier", async () => {
    const host = new FixtureHost();
    if (host.asPrimary === undefined) throw new Error("no primary");
    const { systemId } = host.asPrimary;
    host.asPrimary = { ...host.asPrimary, systemId: `${systemId.slice(0, -1)}${(Number(systemId.at(-1)) + 1) % 10}` };
    expect(await failure(survey(host))).toMatchObject({ code: "REPOSITORY_FOREIGN", exit: "recovery" });
  });
});

describe("verifying backups", () => {
  it("restores the newest set of every window when that is asked for, and goes on after one that fails", async () => {
    const drilled: string[] = [];
    const drill = async (label: string) => {
      drilled.push(label);
      if (drilled.length === 1) throw new Problem("DRILL_FAILED", { what: "the vector index gives no answer" });
      return undefined;
    };
    const ports = { host: new FixtureHost() as unknown as BackupHost, clock: new HeldClock(), progress: new RecordingProgress(), drill };
    const { checks } = await verifyBackups(ports, signal);
    const newest = [...new Set(surveyRecovery(factsWithout()).windows.map(({ sets }) => sets.at(-1)))];
    expect(drilled).toEqual(newest);
    expect(newest.length).toBeGreaterThan(1);
    expect(checks.slice(-newest.length).map(({ what, verdict }) => [what, verdict])).toEqual(
      newest.map((label, index) => [`restore of set ${label}`, index === 0 ? "fail" : "pass"]),
    );
  });

  it("passes where sets, archive and checksums are whole", async () => {
    const { checks } = await verify(new FixtureHost());
    expect(checks.filter(({ verdict }) => verdict === "fail")).toEqual([]);
    expect(checks.map(({ what }) => what)).toEqual(expect.arrayContaining(["checksums", "archive of timeline 1", "archive of timeline 4"]));
  });

  it("finds the segment that is missing in the middle, which pgBackRest calls fine", async () => {
    const host = new FixtureHost();
    host.lost.push(middle);
    const { checks } = await verify(host);
    expect(checks).toContainEqual({ what: "archive of timeline 1", verdict: "fail", seen: `${middle} missing` });
    expect(checks).toContainEqual({ what: "checksums", verdict: "pass", seen: "every file is as it was written" });
  });

  it.each([
    [
      "stanza: main\nstatus: error\n  archiveId: 17-1, total WAL checked: 9, total valid WAL: 8\n    missing: 0, checksum invalid: 1, size invalid: 0, other: 0",
      "error",
    ],
    [
      "P00  ERROR: invalid checksum '17-1/0000000100000000/000000010000000000000003-aa.zst'\nstanza: main\nstatus: ok",
      "ERROR: invalid checksum",
    ],
    ["", "no report"],
  ])("believes pgBackRest's words, not its exit status: %j", async (report, seen) => {
    const host = new FixtureHost();
    host.report = report;
    const { checks } = await verify(host);
    expect(checks.find(({ what }) => what === "checksums")).toMatchObject({ verdict: "fail", seen: expect.stringContaining(seen) });
  });
});
