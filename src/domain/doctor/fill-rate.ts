import { z } from "zod";
import type { ClaimUse } from "./node-stats.ts";

const sampleSchema = z.object({
  /** RFC 3339, UTC. */
  at: z.iso.datetime(),
  /** Bytes in use by claim. */
  used: z.record(z.string(), z.number().nonnegative()),
});

/** What earlier looks at a release's volumes have seen, oldest first. */
export const fillHistorySchema = z.object({
  apiVersion: z.literal("migratectl/v1"),
  kind: z.literal("FillHistory"),
  samples: z.array(sampleSchema),
});

/** Samples of a release's volumes. */
export type FillHistory = Readonly<z.infer<typeof fillHistorySchema>>;

/** Of a release that nobody has looked at yet. */
export const noFillHistory: FillHistory = { apiVersion: "migratectl/v1", kind: "FillHistory", samples: [] };

const [hour, day] = [3_600_000, 86_400_000];

/** Milliseconds between two samples, those after which one is forgotten, and those that a rate needs: a day has its rush and its backups. */
const [apart, forgotten, needed] = [hour, 14 * day, day];

/** Samples that a rate needs. */
const fewest = 3;

/** The history with what was seen now, if the last sample is long enough ago. */
export function withSample(history: FillHistory, at: Date, claims: readonly ClaimUse[]): FillHistory {
  const kept = history.samples.filter(
    (sample) => at.getTime() - Date.parse(sample.at) <= forgotten && Date.parse(sample.at) <= at.getTime(),
  );
  const last = kept.at(-1);
  if (claims.length === 0 || (last !== undefined && at.getTime() - Date.parse(last.at) < apart)) return { ...history, samples: kept };
  const used = Object.fromEntries(claims.map((one) => [one.claim, one.used]));
  return { ...history, samples: [...kept, { at: at.toISOString(), used }] };
}

/**
 * Days until a volume is full if it goes on filling as it has in the last two weeks (least squares); undefined while that cannot be told, and
 * of one that does not fill.
 */
export function daysLeft(history: FillHistory, { claim, used, capacity }: ClaimUse): number | undefined {
  const points = history.samples.flatMap(({ at, used: all }) =>
    all[claim] === undefined ? [] : [{ at: Date.parse(at), used: all[claim] }],
  );
  const [first, last] = [points[0], points.at(-1)];
  if (first === undefined || last === undefined || points.length < fewest || last.at - first.at < needed) return undefined;
  const mean = { at: average(points.map(({ at }) => at)), used: average(points.map((one) => one.used)) };
  const spread = points.reduce((sum, { at }) => sum + (at - mean.at) ** 2, 0);
  const slope = points.reduce((sum, point) => sum + (point.at - mean.at) * (point.used - mean.used), 0) / spread;
  return slope > 0 ? Math.max(0, capacity - used) / slope / day : undefined;
}

function average(numbers: readonly number[]): number {
  return numbers.reduce((sum, number) => sum + number, 0) / numbers.length;
}
