import { median } from "../measure.ts";
import { secondsOf, total } from "./items.ts";
import type { Pair, Sized } from "./measured.ts";

/** Bytes a second of each part that grows with the data, and the seconds of the rest; medians over the rounds. */
export interface Rates {
  readonly copy: number;
  readonly replay: number;
  readonly backup: number;
  readonly fixed: number;
}

/** What a restore of ours would take at a size, seconds. */
export interface Projection {
  readonly copy: number;
  readonly replay: number;
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
    backup: bytes / middle(({ ours }) => secondsOf(ours, "full backup")),
    fixed: middle(({ ours }) => total(ours, "fixed") + secondsOf(ours, "promote")),
  };
}

/** The seconds of a restore of so many bytes with so much WAL to replay, every rate as it was measured. */
export function project(rates: Rates, bytes: number, walBytes: number): Projection {
  const { fixed } = rates;
  const [copy, replay, backup] = [bytes / rates.copy, walBytes / rates.replay, bytes / rates.backup];
  return { copy, replay, backup, fixed, total: copy + replay + backup + fixed };
}

/** Ours to bare in what grows with the data (copy, replay, promote, full backup): the median over the pairs. */
export function scalingRatio(pairs: readonly Pair[]): number {
  return median(pairs.map(({ ours, bare }) => total(ours, "scaling") / total(bare, "scaling")));
}

/** The pair whose restore of ours took the middle wall time. */
export function middlePair(pairs: readonly Pair[]): Pair {
  const sorted = pairs.toSorted((a, b) => total(a.ours) - total(b.ours));
  const middle = sorted[Math.floor((sorted.length - 1) / 2)];
  if (middle === undefined) throw new Error("nothing was measured");
  return middle;
}
