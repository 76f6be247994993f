import { formatInstant, type Instant, instantOf, second } from "./instant.ts";

/** A time axis drawn over columns. */
export interface Axis {
  readonly from: Instant;
  readonly to: Instant;
  /** Columns it is wide. */
  readonly width: number;
}

/** A mark on the axis: its column, the text that begins there, and the date where a day begins to be counted. */
export interface Tick {
  readonly column: number;
  readonly label: string;
  readonly date: string | undefined;
}

const minute = 60n * second;
const hour = 60n * minute;
const day = 24n * hour;
/** Distances between ticks that people can count in. */
const steps = [
  ...[1n, 2n, 5n, 10n, 15n, 30n].map((count) => count * second),
  ...[1n, 2n, 5n, 10n, 15n, 30n].map((count) => count * minute),
  ...[1n, 2n, 3n, 6n, 12n].map((count) => count * hour),
  ...[1n, 2n, 7n, 14n, 28n, 56n, 112n, 364n, 728n, 3640n].map((count) => count * day),
];
const months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/** The axis from the earliest to the latest of these moments, at least a second long. @throws RangeError when there is none */
export function axisOf(instants: readonly Instant[], width: number): Axis {
  const [first] = instants;
  if (first === undefined) throw new RangeError("an axis of no moments");
  const from = instants.reduce((least, one) => (one < least ? one : least), first);
  const to = instants.reduce((most, one) => (one > most ? one : most), first);
  return { from, to: to - from < second ? instantOf(from + second) : to, width };
}

/** The column, from 0, in which a moment lies; moments outside are put at the ends. */
export function columnOf(instant: Instant, { from, to, width }: Axis): number {
  const column = Number(((instant - from) * BigInt(width)) / (to - from));
  return Math.min(Math.max(column, 0), width - 1);
}

/** Round moments (UTC), as far apart as their labels need; where they are less than a day apart the first and every midnight have the date. */
export function ticksOf(axis: Axis): readonly Tick[] {
  const { from, to, width } = axis;
  const step = steps.find((one) => ((to - from) / one) * (one < minute ? 10n : 9n) <= BigInt(width)) ?? 3640n * day;
  const ticks: Tick[] = [];
  // 1970 began with a Thursday; weeks are counted from Mondays.
  const origin = step % (7n * day) === 0n ? 4n * day : 0n;
  for (let at = ((from - origin + step - 1n) / step) * step + origin; at <= to; at += step) {
    const column = columnOf(instantOf(at), axis);
    const { label, date } = textsOf(instantOf(at), step);
    const shown = ticks.length === 0 || at % day === 0n ? date : undefined;
    if (column + Math.max(label.length, (shown?.length ?? -2) + 2) <= width) ticks.push({ column, label, date: shown });
  }
  return ticks;
}

function textsOf(at: Instant, step: bigint): { readonly label: string; readonly date: string | undefined } {
  const text = formatInstant(at);
  if (step >= 364n * day) return { label: text.slice(0, 7), date: undefined };
  const date = `${months[Number(text.slice(5, 7)) - 1]} ${text.slice(8, 10)}`;
  return step >= day ? { label: date, date: undefined } : { label: step < minute ? text.slice(11, 19) : text.slice(11, 16), date };
}
