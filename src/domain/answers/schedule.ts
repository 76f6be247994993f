import { z } from "zod";

const limits = [
  [0, 59],
  [0, 23],
  [1, 31],
  [1, 12],
  [0, 7],
] as const;

/** A cron expression of five fields, as a CronJob takes it; names of months and days are allowed. */
export const scheduleSchema = z.string().refine(isSchedule, "must be a cron expression of five fields such as 0 2 * * 0 (Sunday at 02:00)");

function isSchedule(text: string): boolean {
  const fields = text.trim().split(/\s+/);
  return (
    fields.length === limits.length &&
    fields.every((field, index) => field.split(",").every((part) => isPart(part, limits[index] ?? [0, 0])))
  );
}

function isPart(part: string, [low, high]: readonly [number, number]): boolean {
  const found = /^(?:\*|(?<from>\d{1,2}|[A-Za-z]{3})(?:-(?<to>\d{1,2}|[A-Za-z]{3}))?)(?:\/(?<step>[1-9]\d?))?$/.exec(part);
  if (found === null) return false;
  return [found.groups?.["from"], found.groups?.["to"]].every(
    (value) => value === undefined || !/^\d+$/.test(value) || (Number(value) >= low && Number(value) <= high),
  );
}
