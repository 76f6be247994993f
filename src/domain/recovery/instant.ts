import type { z } from "zod";

/** A moment in microseconds since 1970 (UTC): as exact as Postgres' commit timestamps, which a Date is not. */
export type Instant = bigint & z.core.$brand<"Instant">;

/** Microseconds in a second. */
export const second = 1_000_000n;

/** The moment that many microseconds after 1970. */
export function instantOf(microseconds: bigint): Instant {
  return microseconds as Instant;
}

/** The moment of a Date. */
export function instantOfDate(date: Date): Instant {
  return instantOf(BigInt(date.getTime()) * 1000n);
}

/** The moment that whole seconds since 1970 name, as in pgBackRest's JSON. */
export function instantOfSeconds(seconds: number): Instant {
  return instantOf(BigInt(seconds) * second);
}

/** The Date of a moment; what is below a millisecond is cut off. */
export function dateOf(instant: Instant): Date {
  return new Date(Number(floorDivide(instant, 1000n)));
}

/** The moment later by microseconds (earlier when negative). */
export function shifted(instant: Instant, microseconds: bigint): Instant {
  return instantOf(instant + microseconds);
}

/** Seconds from one moment to another, with fractions; negative when `to` is the earlier. */
export function secondsBetween(from: Instant, to: Instant): number {
  return Number(to - from) / Number(second);
}

/** RFC 3339 in UTC; a fraction only where there is one, then all six digits: `2026-11-23T05:00:00Z`, `2026-11-23T05:00:00.000250Z`. */
export function formatInstant(instant: Instant): string {
  const { whole, fraction } = parts(instant);
  return fraction === "000000" ? `${whole}Z` : `${whole}.${fraction}Z`;
}

/**
 * The one form that pgBackRest and Postgres both take and read alike: `2026-11-23 05:00:00.000000+00`.
 * pgBackRest refuses the T and the Z of RFC 3339, and a time without offset would be read in two zones.
 */
export function formatForPgBackRest(instant: Instant): string {
  const { whole, fraction } = parts(instant);
  return `${whole.replace("T", " ")}.${fraction}+00`;
}

function parts(instant: Instant): { readonly whole: string; readonly fraction: string } {
  const seconds = floorDivide(instant, second);
  return {
    whole: new Date(Number(seconds) * 1000).toISOString().slice(0, -".000Z".length),
    fraction: String(instant - seconds * second).padStart(6, "0"),
  };
}

function floorDivide(value: bigint, by: bigint): bigint {
  return value / by - (value % by < 0n ? 1n : 0n);
}
