import { z } from "zod";
import { counted, formatSeconds } from "../units.ts";

/** The RDB of Redis that a database holds. */
export const redisSnapshotSchema = z.object({
  /** The latest moment at which Redis was seen to hold just this, RFC 3339. */
  asOf: z.iso.datetime(),
  /** Version of the Redis that wrote it. */
  version: z.string(),
  keys: z.int().nonnegative(),
  bytes: z.int().positive(),
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
});

/** The RDB of Redis that a database holds. */
export type RedisSnapshot = Readonly<z.infer<typeof redisSnapshotSchema>>;

/** How Redis is kept with the database. */
export interface RedisKeeping {
  /** False where the chart was told not to. */
  readonly enabled: boolean;
  /** True from the moment a restore made other data current until Redis was brought to it: meanwhile no new snapshot is taken. */
  readonly kept: boolean;
  readonly snapshot: RedisSnapshot | undefined;
  /** Why the last attempt at a snapshot failed. */
  readonly failure: string | undefined;
}

/** What a restore may do with Redis: bring it to the database's snapshot, empty it, or leave it as it is. */
export const redisChoices = ["snapshot", "empty", "keep"] as const;

/** What a restore is to do with Redis. */
export type RedisChoice = (typeof redisChoices)[number];

/** What a restore did with Redis: `none` where it was emptied because the database held no snapshot of it. */
export const redisOutcomeSchema = z.object({
  from: z.enum([...redisChoices, "none"]),
  /** The moment that Redis is as of; where it was brought to a snapshot. */
  asOf: z.string().exactOptional(),
  /** Seconds by which that lies before the moment of the database. */
  secondsBefore: z.number().exactOptional(),
  /** Keys that it holds now; absent where it was left as it is. */
  keys: z.int().exactOptional(),
});

/** What a restore did with Redis. */
export type RedisOutcome = Readonly<z.infer<typeof redisOutcomeSchema>>;

/** Why Redis is not backed up; undefined when it is, or is not meant to be. */
export function whyRedisIsNotBackedUp({ enabled, kept, snapshot, failure }: RedisKeeping): string | undefined {
  if (!enabled) return undefined;
  if (kept) return "a restore has not come to its end";
  return failure ?? (snapshot === undefined ? "no snapshot of it was taken yet" : undefined);
}

/** What will become of Redis, or has: honest about that it is not as of the very moment. */
export function redisText({ from, asOf, secondsBefore, keys }: RedisOutcome): string {
  switch (from) {
    case "snapshot": {
      const before = secondsBefore === undefined ? "" : `, ${formatSeconds(secondsBefore)} before the moment`;
      return `as of ${asOf ?? "?"}${before}, ${counted(keys ?? 0, "key")}; jobs queued since are gone, jobs done since may be done again`;
    }
    case "none":
      return "empty: the database held no snapshot of it at that moment";
    case "empty":
      return "empty, as asked for";
    case "keep":
      return "left as it was; its jobs may be about what the database does not hold";
    default:
      return from satisfies never;
  }
}

/** Seconds from the snapshot to the last commit; undefined where that is not known. */
export function secondsBefore({ asOf }: RedisSnapshot, lastCommit: string | undefined): number | undefined {
  return lastCommit === undefined ? undefined : Math.max(0, (Date.parse(lastCommit) - Date.parse(asOf)) / 1000);
}
