import { Problem } from "../errors/problem.ts";
import { formatInstant, type Instant, instantOf, instantOfDate, second } from "./instant.ts";

const form =
  /^(?<date>(\d{4})-(\d\d)-(\d\d))(?:[Tt ](?<clock>(\d\d):(\d\d)(?::(\d\d)(?:\.(?<fraction>\d+))?)?)\s*(?<zone>[Zz]|(?<sign>[+-])(?<hours>\d\d)(?::?(?<minutes>\d\d))?)?)?$/;

/**
 * The moment of an RFC 3339 text with offset, kept to the microsecond. Also takes what Postgres and pgBackRest print
 * (a space for the T, `+00` for the offset).
 * @throws Problem TIME_WITHOUT_ZONE, which shows both readings, and TIME_INVALID
 */
export function parseTime(text: string, hostZone: string): Instant {
  const groups = form.exec(text)?.groups;
  if (groups === undefined) throw invalid(text, "it is not written as date, time of day and offset");
  const { date, clock, fraction = "", zone, sign, hours = "0", minutes = "0" } = groups;
  if (date === undefined || clock === undefined) throw invalid(text, "it has no time of day");
  if (fraction.length > 6) throw invalid(text, "Postgres knows no more than six digits of a second");
  const local = localTime(date, clock, text);
  const exact = (milliseconds: number): Instant => instantOf(instantOfDate(new Date(milliseconds)) + BigInt(fraction.padEnd(6, "0")));
  if (zone === undefined) throw withoutZone(text, [exact(local)], readings(local, hostZone).map(exact), hostZone);
  if (Number(hours) > 15 || Number(minutes) > 59) throw invalid(text, `${zone} is no offset that a zone has`);
  const offset = (Number(hours) * 60 + Number(minutes)) * (sign === "-" ? -1 : 1);
  return instantOf(exact(local) - BigInt(offset) * 60n * second);
}

/** Milliseconds of a date and a time of day taken as UTC; Date would turn February 30 into March. */
function localTime(date: string, clock: string, text: string): number {
  const [hour = 0, minute = 0, whole = 0] = clock.split(/[:.]/).map(Number);
  if (hour > 23 || minute > 59 || whole > 59) throw invalid(text, `there is no ${clock} in a day`);
  const milliseconds = Date.parse(`${date}T00:00:00Z`);
  if (Number.isNaN(milliseconds) || new Date(milliseconds).toISOString().slice(0, 10) !== date) {
    throw invalid(text, `there is no ${date} in the calendar`);
  }
  return milliseconds + ((hour * 60 + minute) * 60 + whole) * 1000;
}

/** Every moment that a clock in that zone shows this time: one, two when it is set back, none when it is set forward. */
function readings(local: number, hostZone: string): readonly number[] {
  const day = 86_400_000;
  const candidates = [local - day, local + day].map((near) => local - offsetAt(near, hostZone));
  return [...new Set(candidates)].filter((moment) => moment + offsetAt(moment, hostZone) === local).toSorted((a, b) => a - b);
}

/** Milliseconds that a zone is ahead of UTC at that moment. */
function offsetAt(moment: number, hostZone: string): number {
  const format = new Intl.DateTimeFormat("en-US", { timeZone: hostZone, timeZoneName: "longOffset" });
  const name = format.formatToParts(new Date(moment)).find(({ type }) => type === "timeZoneName")?.value ?? "GMT";
  const [, sign, hours = "0", minutes = "0", seconds = "0"] = /^GMT([+-])(\d\d):(\d\d)(?::(\d\d))?$/.exec(name) ?? [];
  const ahead = ((Number(hours) * 60 + Number(minutes)) * 60 + Number(seconds)) * 1000;
  return sign === "-" ? -ahead : ahead;
}

function withoutZone(text: string, utc: readonly Instant[], host: readonly Instant[], hostZone: string): Problem {
  const shown = host.length === 0 ? "no moment at all: the clock was set forward over it" : host.map(formatInstant).join(" or ");
  return new Problem("TIME_WITHOUT_ZONE", {
    what: `${text} does not say in which zone it is: in UTC it is ${utc.map(formatInstant).join("")}, in ${hostZone} (this host) it is ${shown}.`,
    fix: `Give it with its offset: ${[...new Set([...utc, ...host].map(formatInstant))].join(" or ")}.`,
    data: { text, utc: utc.map(formatInstant), host: host.map(formatInstant), hostZone },
  });
}

function invalid(text: string, why: string): Problem {
  return new Problem("TIME_INVALID", { what: `${text === "" ? "An empty text" : text} is not a time: ${why}.`, data: { text } });
}
