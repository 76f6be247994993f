import { z } from "zod";
import {
  type RedisChoice,
  type RedisOutcome,
  type RedisSnapshot,
  redisOutcomeSchema,
  redisSnapshotSchema,
  redisText,
  secondsBefore,
} from "../../domain/recovery/redis-snapshot.ts";
import type { BackupHost } from "../../ports/backup-host.ts";
import type { RedisData } from "../../ports/redis-data.ts";
import type { Place } from "../run/carry-out.ts";
import type { LookContext, Step, StepContext } from "../run/step.ts";
import { unlessNoDatabase } from "./no-database.ts";
import type { QuiesceGive } from "./quiesce.ts";
import type { Reached } from "./restore-start.ts";

/** What became of Redis. */
export const redisGives = z.object({ redisOutcome: redisOutcomeSchema.exactOptional() });

/** What became of Redis; absent where the release's image does not keep it. */
export type RedisGive = z.infer<typeof redisGives>;

const beforeSchema = z.object({ known: z.boolean(), snapshot: redisSnapshotSchema.exactOptional() });

/** What was kept of Redis before anything was done with it. */
export type RedisBefore = z.infer<typeof beforeSchema>;

/** Takes Redis into the database that is about to be stopped: once its data serves again, Redis can be brought to this moment, too. */
export function redisBeforeStep(host: BackupHost): Step<Place, Place & QuiesceGive, object> {
  return {
    id: "redis-before",
    title: "Take a snapshot of Redis, for the way back",
    describe: () => ({ touches: ["the database of before"], bytes: 0, seconds: 10, undo: "stays: it is one more snapshot" }),
    gives: z.object({}),
    run: async (_start, { note, signal }) => {
      const keeping = await host.takeRedis(signal).catch(unlessNoDatabase);
      if (keeping?.enabled === true && keeping.failure !== undefined)
        note(`No snapshot of Redis could be taken (${keeping.failure}): undoing this brings back the one before.`);
      return {};
    },
    // The database of before serves again, and Redis is as it was: there is nothing to wait for.
    undo: async (_start, _done, { signal }) => void (await host.releaseRedis(signal).catch(unlessNoDatabase)),
  };
}

/** What bringing Redis to a moment works through. */
export interface RedisPorts {
  readonly host: BackupHost;
  readonly redis: RedisData;
}

/** Brings Redis to the snapshot that the database holds, before anything uses either; or empties it, or leaves it as it is. */
export function redisStep<Start extends Place, Need extends Start & { readonly reached?: Reached }>(
  ports: RedisPorts,
  choice: RedisChoice,
): Step<Start, Need, RedisGive, RedisBefore> {
  const { host } = ports;
  return {
    id: "redis",
    title: "Bring Redis to the database's moment",
    describe: () => ({
      touches: touched(choice),
      bytes: 0,
      seconds: choice === "keep" ? 0 : 10,
      undo: "undoing the restore brings it back",
    }),
    gives: redisGives,
    // Written down ahead: once Redis was brought to it, another snapshot may take its place.
    before: { schema: beforeSchema, gather: (_start, context) => found(host, context) },
    run: async (start, context, before) => {
      if (!before.known) {
        context.note("The images of this release keep no snapshot of Redis: it stays as it is.");
        return {};
      }
      const from = choice === "snapshot" && before.snapshot === undefined ? "none" : choice;
      const keys = await brought(ports, { from, snapshot: before.snapshot }, context);
      await host.releaseRedis(context.signal);
      const redisOutcome = outcome({ from, keys }, before.snapshot, start.reached?.lastCommit);
      context.note(`Redis: ${redisText(redisOutcome)}.`);
      return { redisOutcome };
    },
  };
}

async function found(host: BackupHost, { signal }: LookContext): Promise<RedisBefore> {
  const keeping = await host.redis(signal);
  return { known: keeping !== undefined, ...(keeping?.snapshot === undefined ? {} : { snapshot: { ...keeping.snapshot } }) };
}

/** Keys that Redis holds then; undefined where it is left as it is. */
async function brought(
  { host, redis }: RedisPorts,
  { from, snapshot }: { readonly from: RedisOutcome["from"]; readonly snapshot: RedisSnapshot | undefined },
  { interrupted, signal }: StepContext,
): Promise<number | undefined> {
  if (from === "keep") return undefined;
  if (from !== "snapshot" || snapshot === undefined) return await redis.empty(signal);
  const now = interrupted ? await host.redis(signal) : undefined;
  // An earlier run had come to its end but for the journal: what is kept now was taken after it.
  if (now !== undefined && !now.kept && now.snapshot?.sha256 !== snapshot.sha256) return now.snapshot?.keys ?? 0;
  return await redis.load(snapshot, signal);
}

function outcome(
  { from, keys }: { readonly from: RedisOutcome["from"]; readonly keys: number | undefined },
  snapshot: RedisSnapshot | undefined,
  lastCommit: string | undefined,
): RedisOutcome {
  const held = keys === undefined ? {} : { keys };
  if (from !== "snapshot" || snapshot === undefined) return { from, ...held };
  const before = secondsBefore(snapshot, lastCommit);
  return { from, asOf: snapshot.asOf, ...(before === undefined ? {} : { secondsBefore: before }), ...held };
}

function touched(choice: RedisChoice): string[] {
  switch (choice) {
    case "snapshot":
      return ["all data of Redis, replaced by the snapshot that the restored database holds: it is somewhat older than the moment"];
    case "empty":
      return ["all data of Redis, thrown away"];
    case "keep":
      return [];
    default:
      return choice satisfies never;
  }
}
