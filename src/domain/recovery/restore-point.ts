import { Problem } from "../errors/problem.ts";
import { type Instant, instantOfDate } from "./instant.ts";
import { type Lsn, parseLsn } from "./lsn.ts";

/** A moment that was given a name in the WAL of that timeline. */
export interface RestorePoint {
  readonly name: string;
  readonly timeline: number;
  /** Where its record begins. */
  readonly lsn: Lsn;
  /** By Postgres' clock. */
  readonly at: Instant;
}

/** Annotations of a set that catalogue restore points; timeline and name follow. */
const prefix = "restore-point/";

/**
 * The restore points that the annotations of a set catalogue. They stand in the repository itself: whoever restores to a moment before one, or
 * has lost the cluster, still finds it, and it goes with the backup without which it could not be reached.
 */
export function cataloguedPoints(annotations: Readonly<Record<string, string>>): readonly RestorePoint[] {
  return Object.entries(annotations).flatMap(([key, value]) => {
    const [, timeline, name] = /^restore-point\/(\d+)\/(.+)$/.exec(key) ?? [];
    const [place = "", time = ""] = value.split(" ");
    const [lsn, at] = [parseLsn(place), new Date(time)];
    if (timeline === undefined || name === undefined || lsn === undefined || Number.isNaN(at.getTime())) return [];
    return [{ name, timeline: Number(timeline), lsn, at: instantOfDate(at) }];
  });
}

/** The annotation that catalogues a restore point, as pgBackRest takes it. */
export function catalogueEntry({
  name,
  timeline,
  lsn,
  at,
}: {
  readonly name: string;
  readonly timeline: number;
  readonly lsn: string;
  readonly at: Date;
}): string {
  return `${prefix}${timeline}/${name}=${lsn} ${at.toISOString()}`;
}

/** The name, if it is one that can be given: Postgres takes 63 bytes, and it has to be typed again one day. @throws Problem RECOVERY_TARGET_INVALID */
export function restorePointName(text: string): string {
  if (/^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$/.test(text)) return text;
  throw new Problem("RECOVERY_TARGET_INVALID", {
    what: `"${text}" cannot name a restore point`,
    fix: "Give up to 63 letters, digits, dots, underscores or hyphens, a letter or digit first: before-upgrade-1.1.0",
  });
}
