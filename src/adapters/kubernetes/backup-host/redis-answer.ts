import { z } from "zod";
import { type RedisKeeping, redisSnapshotSchema } from "../../../domain/recovery/redis-snapshot.ts";
import { documentsOf, reading } from "./answers.ts";

const stateSchema = z.object({
  enabled: z.boolean(),
  kept: z.boolean(),
  snapshot: redisSnapshotSchema.nullable(),
  failure: z.string().nullable(),
});

/** What `redis-snapshot` and `redis-state` print. */
export function readRedisKeeping(stdout: string): RedisKeeping {
  return reading("its snapshot of Redis", () => {
    const [found] = documentsOf(stdout)("redis", stateSchema);
    if (found === undefined) throw new TypeError("it does not tell of Redis");
    const { snapshot, failure, ...rest } = found;
    return { ...rest, snapshot: snapshot ?? undefined, failure: failure ?? undefined };
  });
}
