import { median } from "../measure.ts";
import { type Item, secondsOf, smokeTest, total } from "./items.ts";
import type { Pair, Sized } from "./measured.ts";

/** Bytes a second of each part that grows with the data, and the seconds of the rest; medians over the rounds. */
export interface Rates {
  readonly copy: number;
  readonly replay: number;
  readonly look: number;
  readonly backup: number;
  readonly fixed: number;
}

/** What a restore of ours would take at a size, seconds: `total` until the smoke test has passed, `backup` while the platform serves again. */
export interface Projection {
  readonly copy: number;
  readonly replay: number;
  readonly look: number;
  readonly backup: number;
  readonly fixed: number;
  readonly total: number;
}

/** The rates of our restores of one size. */
export function ratesOf({ bytes, pairs }: Sized): Rates {
  const middle = (of: (pair: Pair) => number): number => median(pairs.map(of));
  return {
    copy: bytes / middle(({ ours }) => secondsOf(ours, "copy")),
    replay: middle(({ ours, walBytes }) => walBytes / secondsOf(ours, "replay")),
    look: bytes / middle(({ ours }) => secondsOf(ours, "look at what was recovered")),
    backup: bytes / middle(({ ours }) => secondsOf(ours, "full backup")),
    fixed: middle(({ ours }) => total(inService(ours), "fixed") + secondsOf(ours, "promote")),
  };
}

/** The seconds of a restore of so many bytes with so much WAL to replay, every rate as it was measured. */
export function project(rates: Rates, bytes: number, walBytes: number): Projection {
  const { fixed } = rates;
  const [copy, replay, look, backup] = [bytes / rates.copy, walBytes / rates.replay, bytes / rates.look, bytes / rates.backup];
  return { copy, replay, look, backup, fixed, total: copy + replay + look + fixed };
}

/** The items until the smoke test has passed; what follows is done while the platform serves. */
export function inService(items: readonly Item[]): readonly Item[] {
  return items.slice(0, items.findIndex(({ name }) => name === smokeTest) + 1);
}

/** Ours to bare in what both do (copy, replay, promote, full backup): the median over the pairs. */
export function bareRatio(pairs: readonly Pair[]): number {
  return median(pairs.map(({ ours, bare }) => total(ours, "bare") / total(bare, "bare")));
}

/** The pair whose restore of ours took the middle wall time. */
export function middlePair(pairs: readonly Pair[]): Pair {
  const sorted = pairs.toSorted((a, b) => total(a.ours) - total(b.ours));
  const middle = sorted[Math.floor((sorted.length - 1) / 2)];
  if (middle === undefined) throw new Error("nothing was measured");
  return middle;
}
