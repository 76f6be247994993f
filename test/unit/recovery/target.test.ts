import { describe, expect, it } from "vitest";
import { Problem } from "../../../src/domain/errors/problem.ts";
import {
  dateOf,
  formatForPgBackRest,
  formatInstant,
  instantOf,
  instantOfDate,
  instantOfSeconds,
} from "../../../src/domain/recovery/instant.ts";
import { lsnTarget, timeTarget } from "../../../src/domain/recovery/target.ts";

const reading = { now: instantOfDate(new Date("2026-11-23T12:00:00Z")), hostZone: "Europe/Berlin" };

function at(text: string, zone = reading.hostZone): string {
  const target = timeTarget(text, { ...reading, hostZone: zone });
  return target.kind === "time" ? formatInstant(target.at) : target.kind;
}

function refused(run: () => unknown): Problem {
  try {
    run();
  } catch (error) {
    if (error instanceof Problem) return error;
    throw error;
  }
  throw new Error("nothing was refused");
}

describe("a time to recover to", () => {
  it.each([
    ["2026-11-23T05:00:00Z", "2026-11-23T05:00:00Z"],
    ["2026-11-23T05:00:00+02:00", "2026-11-23T03:00:00Z"],
    ["2026-11-22T23:30:00-05:30", "2026-11-23T05:00:00Z"],
    ["2026-11-23T05:00:00.5Z", "2026-11-23T05:00:00.500000Z"],
    ["2026-11-23T05:00:00.000001Z", "2026-11-23T05:00:00.000001Z"],
    ["2026-11-23t05:00:00z", "2026-11-23T05:00:00Z"],
    ["2026-11-23T05:00Z", "2026-11-23T05:00:00Z"],
    ["2024-02-29T05:00:00Z", "2024-02-29T05:00:00Z"],
    ["-15m", "2026-11-23T11:45:00Z"],
    ["-2h30m", "2026-11-23T09:30:00Z"],
    ["-1d", "2026-11-22T12:00:00Z"],
    ["-90s", "2026-11-23T11:58:30Z"],
  ])("%s is %s", (text, read) => {
    expect(at(text)).toBe(read);
  });

  it("is told to pgBackRest in the only form that it and Postgres read alike (traps 4 and 5), and read back from it", () => {
    const target = timeTarget("2026-11-23T05:00:00.25+02:00", reading);
    const told = target.kind === "time" ? formatForPgBackRest(target.at) : "";
    expect(told).toBe("2026-11-23 03:00:00.250000+00");
    expect(at(told)).toBe("2026-11-23T03:00:00.250000Z");
  });

  it("without a zone is refused, with both readings (trap 5)", () => {
    const problem = refused(() => at("2026-11-23T05:00:00"));
    expect([problem.code, problem.exit]).toEqual(["TIME_WITHOUT_ZONE", "usage"]);
    expect(problem.message).toBe(
      "2026-11-23T05:00:00 does not say in which zone it is: in UTC it is 2026-11-23T05:00:00Z, in Europe/Berlin (this host) it is 2026-11-23T04:00:00Z.",
    );
    expect(problem.fix).toBe("Give it with its offset: 2026-11-23T05:00:00Z or 2026-11-23T04:00:00Z.");
  });

  it.each([
    [
      "twice where the clock was set back",
      "2026-10-25 02:30:00.5",
      "Europe/Berlin",
      ["2026-10-25T00:30:00.500000Z", "2026-10-25T01:30:00.500000Z"],
    ],
    ["never where the clock was set forward", "2026-03-29 02:30:00", "Europe/Berlin", []],
    ["by half an hour", "2026-11-23T05:00:00", "Asia/Kolkata", ["2026-11-22T23:30:00Z"]],
    ["as UTC where the host is in it", "2026-11-23T05:00:00", "UTC", ["2026-11-23T05:00:00Z"]],
  ])("without a zone is read %s", (_, text, zone, host) => {
    expect(refused(() => at(text, zone)).data["host"]).toEqual(host);
  });

  it.each([
    ["", "An empty text is not a time"],
    ["yesterday", "not written as date, time of day and offset"],
    ["2026-11-23", "it has no time of day"],
    ["2026-02-30T05:00:00Z", "there is no 2026-02-30 in the calendar"],
    ["2026-13-01T05:00:00Z", "there is no 2026-13-01 in the calendar"],
    ["2025-02-29T05:00:00Z", "there is no 2025-02-29 in the calendar"],
    ["2026-11-23T24:00:00Z", "there is no 24:00:00 in a day"],
    ["2026-11-23T05:60:00Z", "there is no 05:60:00 in a day"],
    ["2026-11-23T05:00:60Z", "there is no 05:00:60 in a day"],
    ["2026-11-23T05:00:00+25:00", "+25:00 is no offset"],
    ["2026-11-23T05:00:00+02:60", "+02:60 is no offset"],
    ["2026-11-23T05:00:00.1234567Z", "no more than six digits"],
    ["2026-11-23T05:00:00CET", "not written as"],
    ["-15", "not written as"],
    ["15m", "not written as"],
    ["-2h-3m", "not written as"],
  ])("%j is refused as no time", (text, why) => {
    const problem = refused(() => at(text));
    expect([problem.code, problem.exit]).toEqual(["TIME_INVALID", "usage"]);
    expect(problem.message).toContain(why);
  });

  it("in the future is refused before anything is restored (trap 2), this very moment is not", () => {
    expect(at("2026-11-23T12:00:00Z")).toBe("2026-11-23T12:00:00Z");
    const problem = refused(() => at("2026-11-23T12:00:00.000001Z"));
    expect([problem.code, problem.exit]).toEqual(["TIME_IN_FUTURE", "usage"]);
    expect(refused(() => at("2026-11-23T15:00:00+02:00")).message).toBe("2026-11-23T15:00:00+02:00 lies 3600 s in the future.");
  });
});

describe("an LSN to recover to", () => {
  it("is read as Postgres prints it, and refused otherwise", () => {
    expect(lsnTarget("0/3000028")).toEqual({ kind: "lsn", lsn: 0x3000028n });
    const problem = refused(() => lsnTarget("3000028"));
    expect([problem.code, problem.exit]).toEqual(["RECOVERY_TARGET_INVALID", "usage"]);
  });
});

describe("a moment", () => {
  it("keeps its microseconds where a Date would not, before 1970 too", () => {
    expect(formatInstant(instantOf(-1n))).toBe("1969-12-31T23:59:59.999999Z");
    expect(dateOf(instantOf(1_500n)).getTime()).toBe(1);
    expect(dateOf(instantOf(-1n)).getTime()).toBe(-1);
    expect(formatInstant(instantOfSeconds(1_795_590_822))).toBe("2026-11-25T07:13:42Z");
  });
});
