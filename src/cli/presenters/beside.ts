import { z } from "zod";
import type { Beside, DrillRun, Preview } from "../../domain/recovery/drill.ts";
import { type RedisKeeping, whyRedisIsNotBackedUp } from "../../domain/recovery/redis-snapshot.ts";
import { counted, formatBytes, formatSeconds } from "../../domain/units.ts";
import type { Style } from "./style.ts";

const drillSchema = z.strictObject({
  /** `schedule`, or who asked for it. */
  by: z.string(),
  status: z.enum(["running", "passed", "failed"]),
  startedAt: z.string(),
  finishedAt: z.string().optional(),
  /** From the start until the restored database answered. */
  rtoSeconds: z.number().optional(),
  /** From the newest commit in the archive to the start. */
  rpoSeconds: z.number().optional(),
  message: z.string().optional(),
});

const redisSchema = z.strictObject({
  /** False where it is not to be backed up. */
  enabled: z.boolean(),
  /** The latest moment at which Redis held just what the snapshot does. */
  asOf: z.string().optional(),
  keys: z.int().optional(),
  bytes: z.int().optional(),
  /** Why it is not backed up. */
  failure: z.string().optional(),
});

/** The last drill, the preview where there is one, and how Redis is kept, as parts of a report. */
export const besideSchema = {
  /** The last restore drill that came to its end. */
  lastDrill: drillSchema.optional(),
  /** A database that waits at a moment, to be looked at. */
  preview: z.strictObject({ target: z.string(), at: z.string(), until: z.string(), runs: z.boolean() }).optional(),
  /** The snapshot of Redis that the database holds. */
  redis: redisSchema.optional(),
};

/** The same as JSON. */
export function besideJson({ lastDrill, preview, redis }: Beside): z.infer<z.ZodObject<typeof besideSchema>> {
  return {
    ...(lastDrill === undefined ? {} : { lastDrill: drillJson(lastDrill) }),
    ...(preview === undefined ? {} : { preview: { ...preview, until: preview.until.toISOString() } }),
    ...(redis === undefined ? {} : { redis: redisJson(redis) }),
  };
}

/** Lines about the last drill, the preview and Redis. */
export function besideRows({ lastDrill, preview, redis }: Beside, style: Style): readonly (readonly string[])[] {
  return [
    ...(lastDrill === undefined ? [] : [[style.dim("drill"), ...drillCells(lastDrill, style)]]),
    ...(preview === undefined ? [] : [[style.dim("preview"), ...previewCells(preview, style)]]),
    ...(redis?.enabled === true ? [[style.dim("redis"), ...redisCells(redis, style)]] : []),
  ];
}

function redisJson(redis: RedisKeeping): z.infer<typeof redisSchema> {
  const { enabled, snapshot } = redis;
  const failure = whyRedisIsNotBackedUp(redis);
  return {
    enabled,
    ...(snapshot === undefined ? {} : { asOf: snapshot.asOf, keys: snapshot.keys, bytes: snapshot.bytes }),
    ...(failure === undefined ? {} : { failure }),
  };
}

function redisCells(redis: RedisKeeping, style: Style): readonly string[] {
  const { snapshot } = redis;
  const failure = whyRedisIsNotBackedUp(redis);
  return [
    ...(snapshot === undefined
      ? ["no snapshot", ""]
      : [`as of ${snapshot.asOf.slice(0, 19).replace("T", " ")} UTC`, `${counted(snapshot.keys, "key")}, ${formatBytes(snapshot.bytes)}`]),
    failure === undefined ? style.green("backed up") : style.red(`Redis is not backed up: ${failure}`),
  ];
}

function drillJson({ by, status, startedAt, finishedAt, message, outcome }: DrillRun): z.infer<typeof drillSchema> {
  const { rtoSeconds, rpoSeconds } = outcome ?? {};
  return {
    by,
    status,
    startedAt: startedAt.toISOString(),
    ...(finishedAt === undefined ? {} : { finishedAt: finishedAt.toISOString() }),
    ...(rtoSeconds == null ? {} : { rtoSeconds }),
    ...(rpoSeconds == null ? {} : { rpoSeconds }),
    ...(message === undefined ? {} : { message }),
  };
}

function drillCells({ by, status, startedAt, message, outcome }: DrillRun, style: Style): readonly string[] {
  const paint = status === "passed" ? style.green : style.red;
  return [
    `${startedAt.toISOString().slice(0, 16).replace("T", " ")} UTC`,
    `by ${by}`,
    paint(status),
    message ?? figuresText(outcome ?? {}),
  ];
}

/** `RTO 12 s, RPO 2 min 05 s`, as far as they are known. */
export function figuresText({
  rtoSeconds,
  rpoSeconds,
}: {
  readonly rtoSeconds?: number | null;
  readonly rpoSeconds?: number | null;
}): string {
  return [
    ...(rtoSeconds == null ? [] : [`RTO ${formatSeconds(rtoSeconds)}`]),
    ...(rpoSeconds == null ? [] : [`RPO ${formatSeconds(rpoSeconds)}`]),
  ].join(", ");
}

function previewCells({ target, until, runs }: Preview, style: Style): readonly string[] {
  return [
    `until ${until.toISOString().slice(0, 16).replace("T", " ")} UTC`,
    target,
    runs ? style.green("runs") : style.yellow("does not run"),
    "migratectl preview show",
  ];
}
