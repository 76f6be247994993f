import { type Instant, shifted } from "./instant.ts";
import type { Window } from "./windows.ts";

/** A moment, and the timeline on which it lies. */
export interface ChosenMoment {
  readonly at: Instant;
  readonly timeline: number;
}

/** A moment that the seed chooses, each one of every window as likely as any other; undefined where there is no window. */
export function randomMoment(windows: readonly Window[], seed: number): ChosenMoment | undefined {
  const spans = windows
    .filter(({ backupOnly }) => !backupOnly)
    .map(({ from, to, timeline }) => ({ from: from.at, length: to.at - from.at + 1n, timeline }));
  const total = spans.reduce((sum, { length }) => sum + length, 0n);
  if (total === 0n) return undefined;
  let left = fraction(seed, total);
  for (const { from, length, timeline } of spans) {
    if (left < length) return { at: shifted(from, left), timeline };
    left -= length;
  }
  return undefined;
}

/** A number from 0 up to, but not including, the limit, the same for the same seed (splitmix64). */
function fraction(seed: number, limit: bigint): bigint {
  const mask = (1n << 64n) - 1n;
  let mixed = (BigInt(seed) * 0x9e3779b97f4a7c15n + 0x9e3779b97f4a7c15n) & mask;
  mixed = ((mixed ^ (mixed >> 30n)) * 0xbf58476d1ce4e5b9n) & mask;
  mixed = ((mixed ^ (mixed >> 27n)) * 0x94d049bb133111ebn) & mask;
  return ((mixed ^ (mixed >> 31n)) * limit) >> 64n;
}
